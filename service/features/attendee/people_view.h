/* What the page of the people of an event shows. */
#ifndef EINLASS_FEATURES_ATTENDEE_PEOPLE_VIEW_H
#define EINLASS_FEATURES_ATTENDEE_PEOPLE_VIEW_H

#include <jansson.h>

#include "db/values.h"
#include "features/attendee/filter.h"
#include "features/attendee/list.h"
#include "features/attendee/sheet.h"
#include "http/request.h"

struct people {
    struct request *request;
    struct filter filter;
    struct list_page page;
    struct sheet_choice columns; /* beside the name, in the order of the page */
    const char *problem;         /* the key of a wording; NULL: none */
};

/* The order of a list, unless the reader chooses one. */
const char *people_default_sort(const char *list);

/* Takes the columns that the event has from "email,answers.company"; NULL: the default ones. */
void people_choose(struct people *people, const char *text);
const char *people_columns_text(const struct people *people);

/* The page with the filter of this request: without a parameter (NULL: none is left out; `only`:
 * only its pair with this value), and with another one. Never with a cursor. In the arena. */
const char *people_link(struct request *request, const char *without, const char *only,
                        const char *set, const char *value);

/* The rows are those of list.sql, one more than the page has. A new reference. */
json_t *people_view(struct people *people, const struct rows *rows);

#endif
