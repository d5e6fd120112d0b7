/* The filter parameters of the attendee list and its exports. */
#ifndef EINLASS_FEATURES_ATTENDEE_FILTER_H
#define EINLASS_FEATURES_ATTENDEE_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"
#include "event/event.h"
#include "form/form.h"
#include "statements.h"

enum {
    FILTER_QUERY_MOST = 200, /* limit: characters of a search */
    FILTER_WORDS_MOST = 10,  /* limit: words of a search */
};

struct filter {
    const char *words[FILTER_WORDS_MOST];    /* folded */
    const char *patterns[FILTER_WORDS_MOST]; /* the words as escaped LIKE patterns */
    size_t pattern_count;
    enum registration_status status;           /* NONE: any */
    const char *ticket_type;                   /* NULL: any */
    const bool *present, *admitted, *repeated; /* NULL: both */
    const char *day;                           /* that `admitted` is about; NULL: any */
};

/* Reads q, status, present (is inside), admitted (was admitted), day (of the admission), repeated
 * (the address has several registrations) and ticket_type into a zeroed struct filter. The context
 * is the event. The wording attendee.parameter.NAME says which values are right. */
extern const struct form filter_form;

bool filter_is_empty(const struct filter *filter);

/* Adds the patterns to the parameters of a statement. */
void filter_add_patterns(const struct filter *filter, struct params *params,
                         void (*add)(struct params *params, const char *pattern));

#endif
