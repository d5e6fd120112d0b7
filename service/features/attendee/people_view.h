/* What the page of the people of an event shows. */
#ifndef EINLASS_FEATURES_ATTENDEE_PEOPLE_VIEW_H
#define EINLASS_FEATURES_ATTENDEE_PEOPLE_VIEW_H

#include <jansson.h>

#include "db/values.h"
#include "features/attendee/people_columns.h"

/* The page with the filter of this request: without a parameter (NULL: none is left out; `only`:
 * only its pair with this value), and with another one. Never with a cursor. In the arena. */
const char *people_link(struct request *request, const char *without, const char *only,
                        const char *set, const char *value);

/* The query of the page as it is, with its cursor, "list=coming&cursor=…"; and the path below the
 * list with it. In the arena. */
const char *people_query(struct request *request);
const char *people_here(struct request *request, const char *below);

/* The rows are those of list.sql, one more than the page has. A new reference. */
json_t *people_view(struct people *people, const struct rows *rows);

#endif
