/* Which attendees are wanted: the parameters of the list and of the exports, read and checked. */
#ifndef EINLASS_FEATURES_ATTENDEE_FILTER_H
#define EINLASS_FEATURES_ATTENDEE_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "event/event.h"
#include "statements.h"

enum {
    FILTER_QUERY_MOST = 200, /* characters */
    FILTER_WORDS_MOST = 10,
};

struct filter {
    const char *words[FILTER_WORDS_MOST];    /* folded */
    const char *patterns[FILTER_WORDS_MOST]; /* the same for LIKE, escaped */
    size_t pattern_count;
    enum registration_status status; /* none: any */
    const char *ticket_type;         /* NULL: any */
    const bool *present, *admitted;  /* NULL: both */
};

/* A parameter's value by its name, NULL: it is not given. */
typedef const char *filter_source(void *context, const char *name);

/* All parameters a filter is made of, NULL ends: q, status, present (is inside), admitted (has
 * been inside), ticket_type. */
extern const char *const filter_names[];

/* Texts live in the arena. False: ret_wrong is the name of the parameter that is wrong, whose
 * wording attendee.parameter.NAME says what it may be. */
MUST_CHECK bool filter_read(struct arena *arena, const struct event *event, filter_source *source,
                            void *context, struct filter *ret_filter, const char **ret_wrong);

bool filter_is_empty(const struct filter *filter);

/* Gives the patterns to a statement, one after the other. */
void filter_add_patterns(const struct filter *filter, struct params *params,
                         void (*add)(struct params *params, const char *pattern));

#endif
