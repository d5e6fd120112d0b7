/* A day that people know by heart, such as the date of birth: three fields for day, month and year.
 * A page's form sends them as an object, {"day": "13", "month": "5", "year": "1985"}. */
#ifndef EINLASS_FORM_DATE_PARTS_H
#define EINLASS_FORM_DATE_PARTS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/memory.h"

enum { DATE_PARTS = 3 };

/* In the order of DD.MM.YYYY: "day", "month", "year". */
extern const char *const date_part_names[DATE_PARTS];

struct date_parts {
    const char *date;              /* "1985-05-13"; NULL: there are faults */
    const char *codes[DATE_PARTS]; /* the code of the finding for each part; NULL: none */
};

/* Whether anything was typed into one of the fields. */
bool date_parts_are_given(const json_t *typed);

/* A month may be a name in English or German. Texts live in the arena. */
struct date_parts date_parts_read(struct arena *arena, const json_t *typed);

/* What a field shows of the object that was sent, or of a stored day: "13", "5", "1985"; "" if
 * there is nothing. */
const char *date_part_shown(struct arena *arena, const json_t *value, size_t part);

#endif
