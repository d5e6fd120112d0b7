/*
 * The one filter of the attendee list. The list, its exports and whatever is done to "all that
 * match" read the same parameters by filter_form, and give `text` to the SQL function
 * attendee_page() (migrations/functions/attendee_search.sql), which is the only place that knows
 * what it means.
 *
 *     struct filter filter = {0};
 *     const char *wrong = form_read_query(request, &filter_form, event, &filter);
 *
 * Parameters that may be given several times match if one of their values does: ticket_type,
 * language, door, consent (given), no_consent (none of them is given), and answer=QUESTION:VALUE
 * for each question. The context is the event. The wording attendee.parameter.NAME says which
 * values are right.
 */
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
    FILTER_VALUES_MOST = 50, /* limit: values of one filter of the list */
};

/* Its parameters, for the rows of those who read it. */
#define FILTER_QUERY                                                                               \
    "q status present admitted day ticket_type answer consent no_consent language door repeated "  \
    "declined_before list"

struct filter_values {
    const char *items[FILTER_VALUES_MOST];
    size_t count;
};

struct filter {
    const char *words[FILTER_WORDS_MOST];    /* folded */
    const char *patterns[FILTER_WORDS_MOST]; /* the words as escaped LIKE patterns */
    size_t pattern_count;
    const char *list; /* "coming", "to_approve" …; NULL: everybody */
    const char *sort; /* "oldest", "newest", "name" …, "answers.SLUG"; never NULL */
    enum registration_status status;                             /* NONE: any */
    const bool *present, *admitted, *repeated, *declined_before; /* NULL: both */
    const char *day; /* that `admitted` is about; NULL: any */
    struct filter_values ticket_types, languages, doors, consents, no_consents;
    struct filter_values answers; /* "field:ict" */
    const char *text;             /* all but the order, for attendee_page() */
};

extern const struct form filter_form;

/* Whether everybody matches. */
bool filter_is_empty(const struct filter *filter);

/* Whether the order is that of the answers to a question, which are texts or dates. It is possible
 * for at most 10,000 matches; more come as by "newest", and their rows have no key. */
bool filter_sorts_answers(const struct event *event, const char *sort);

/* Adds the patterns to the parameters of a statement. */
void filter_add_patterns(const struct filter *filter, struct params *params,
                         void (*add)(struct params *params, const char *pattern));

/* Appends the place behind which the next page starts, for attendee_page(): [key, number, position]
 * of the last row of a page, from its columns of these names. */
void filter_add_place(const struct rows *rows, int last, struct buffer *out);

#endif
