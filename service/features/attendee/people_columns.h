/* The columns of the page of people, their words, and the orders that their heads ask for. */
#ifndef EINLASS_FEATURES_ATTENDEE_PEOPLE_COLUMNS_H
#define EINLASS_FEATURES_ATTENDEE_PEOPLE_COLUMNS_H

#include <jansson.h>

#include "features/attendee/filter.h"
#include "features/attendee/list.h"
#include "features/attendee/sheet.h"
#include "http/request.h"

/* A consent that the event no longer offers, in its last words. */
struct former_consent {
    const char *slug, *label;
};

struct people {
    struct request *request;
    struct filter filter;
    struct list_page page;
    struct sheet_choice columns; /* beside the name, in the order of the page */
    const struct former_consent *former_consents;
    size_t former_consent_count;
    const char *chosen;  /* the columns that a form sends */
    bool is_unsorted;    /* too many match for the order that was asked for */
    const char *problem; /* the key of a wording; NULL: none */
};

/* Takes [{"slug", "label"}], JSON text. */
void people_add_former_consents(struct people *people, const char *text);

/* Takes the columns that the event has from "email,answers.company", each once; NULL: the default
 * ones. */
void people_choose(struct people *people, const char *text);
const char *people_columns_text(const struct people *people);

/* Those that can be chosen, and the heads of those that are: new references. */
json_t *people_column_choices(const struct people *people);
json_t *people_heads(const struct people *people);
json_t *people_head(const struct people *people, const char *key);
json_t *people_label(const struct people *people, const char *key);

/* The order of a list, unless the reader chooses one. */
const char *people_default_sort(const char *list);

/* Words, and the organiser's own texts, in the language of the page: new references. Takes the
 * data. */
json_t *people_say_with(const struct people *people, const char *key, json_t *data);
json_t *people_say(const struct people *people, const char *key);
json_t *people_say_below(const struct people *people, const char *above, const char *name);
json_t *people_own_text(const struct people *people, const struct event_text *text);
const char *people_language(const struct people *people);

#endif
