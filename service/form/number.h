/* Numbers as people write them. */
#ifndef EINLASS_FORM_NUMBER_H
#define EINLASS_FORM_NUMBER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/memory.h"

enum number_reading {
    NUMBER_READ,
    NUMBER_NONE,
    NUMBER_AMBIGUOUS, /* "1.000" where it is not known to be a thousand: it asks back */
};

struct number {
    double value;
    bool has_fraction; /* it is written with one */
};

/*
 * Reads "1234.5", "1.234,5", "1,234.5", "1 234,5", "1'234.5", "−5", and digits of any script. What
 * stands before groups of three digits separates thousands. A lone mark before three digits does so
 * only if it is `separator`, the one of the reader's language: "," or "."; '\0': not known.
 */
MUST_CHECK enum number_reading number_read(struct arena *arena, const char *text, char separator,
                                           struct number *ret_number);

/* Appends a JSON number so that number_read() with the same separator gives it back: "1234,5",
 * "1,2340". */
void number_write(const json_t *number, char separator, struct buffer *out);

#endif
