/*
 * What the columns of a list mean. A column becomes one of
 *
 *     name, first_name, last_name, email, ticket_type, language, status, answers.SLUG
 *
 * or nothing (""). Headings are compared in German and English, with the labels of the event's
 * questions, and with the exports of Luma, pretix and Eventbrite.
 */
#ifndef EINLASS_FEATURES_IMPORT_COLUMNS_H
#define EINLASS_FEATURES_IMPORT_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "event/event.h"
#include "form/list_reader.h"

enum { COLUMNS_EXAMPLES = 3 };

struct columns {
    size_t count;
    const char **headings;                     /* of the file; "": it has none */
    const char **means;                        /* the meaning of each */
    const char *(*examples)[COLUMNS_EXAMPLES]; /* the first values that are not empty; NULL: none */
    bool has_heading;
    size_t records; /* that were looked at */
};

/* Reads the first records of a list and guesses. heading: 1 it has one, 0 it has none, -1 guess.
 * All texts live in the arena. */
void columns_guess(struct arena *arena, const struct event *event, const struct list_source *source,
                   int heading, struct columns *ret_columns);

/* Whether a column may mean this at the event. */
bool columns_may_mean(const struct event *event, const char *meaning);

/* The question of "answers.SLUG"; NULL: it is none of the event. */
const struct question *columns_question(const struct event *event, const char *meaning);

/* The ticket type that a text names by its slug or its title in any language; NULL: none does. */
const struct ticket_type *columns_ticket_type(struct arena *arena, const struct event *event,
                                              const char *text);

/* Whether a text is one of the labels, however its letters are written. */
bool columns_is_label(struct arena *arena, const struct event_text *label, const char *text);

/* The text in small letters, without marks, and with one space for each run of other characters. */
const char *columns_fold(struct arena *arena, const char *text);

#endif
