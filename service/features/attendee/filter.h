/* Which attendees are wanted: the parameters of the list and of the exports, read and checked. */
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
    const char *patterns[FILTER_WORDS_MOST]; /* the same for LIKE, escaped */
    size_t pattern_count;
    enum registration_status status; /* none: any */
    const char *ticket_type;         /* NULL: any */
    const bool *present, *admitted;  /* NULL: both */
};

/* The parameters q, status, present (is inside), admitted (has been inside) and ticket_type, read
 * into an empty struct filter with the event for context. The wording attendee.parameter.NAME says
 * what each may be. */
extern const struct form filter_form;

bool filter_is_empty(const struct filter *filter);

/* Gives the patterns to a statement, one after the other. */
void filter_add_patterns(const struct filter *filter, struct params *params,
                         void (*add)(struct params *params, const char *pattern));

#endif
