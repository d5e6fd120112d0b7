/* The views and links that the pages of a registration share. */
#ifndef EINLASS_FEATURES_REGISTRATION_MANAGE_PAGE_H
#define EINLASS_FEATURES_REGISTRATION_MANAGE_PAGE_H

#include <jansson.h>

#include "features/registration/errand.h"

/* The path of a page of the loaded registration ("", "/cancel") with its key. Only for callers who
 * have the key, or who may have it. Lives in the arena. */
const char *manage_page_link(const struct errand *errand, const char *page);

/* The path of the registration's page with errand->done. */
const char *manage_page_done(const struct errand *errand);

/* The path of a page of an attendee: "/cancel", "/hand-on". */
const char *manage_page_attendee_link(const struct errand *errand, const struct id *attendee_id,
                                      const char *page);

/* {"event": {"slug", "title", "venue": {…}}, "when": {…}, "organiser": {"name"}}, for each of these
 * pages. A new reference. */
json_t *manage_page_frame(struct request *request);

/* The same with the registration's page: "self". A new reference. */
json_t *manage_page_view(const struct errand *errand);

/* {"title", "detail"} of a refusal, from the wordings of problem.CODE. A new reference. NULL for
 * "invalid": the fields show their errors. */
json_t *manage_page_refusal(const struct errand *errand, const char *code);

/* A new idempotency key for a form. A new reference. */
json_t *manage_page_new_key(void);

bool manage_page_is_over(const struct errand *errand);

#endif
