/* What the pages around one registration share: the event they are about, the way between them. */
#ifndef EINLASS_FEATURES_REGISTRATION_MANAGE_PAGE_H
#define EINLASS_FEATURES_REGISTRATION_MANAGE_PAGE_H

#include <jansson.h>

#include "features/registration/errand.h"

/* The path of a page of the registration with the key that opens it: "" is the registration's own,
 * "/cancel" the one that asks. For callers who have the key, or have proved that they may have it.
 * Lives in the arena. */
const char *manage_page_link(const struct errand *errand, const char *page);

/* The registration's own page, saying what was done. */
const char *manage_page_done(const struct errand *errand);

/* The same for one attendee: "/cancel", "/hand-on". */
const char *manage_page_attendee_link(const struct errand *errand, const struct id *attendee_id,
                                      const char *page);

/* {"event": {"slug", "title", "venue": {…}}, "when": {…}, "organiser": {"name"}, "self"}: what
 * every such page shows. New reference. */
json_t *manage_page_view(const struct errand *errand);

/* {"title", "detail"} of a refusal (problem.CODE.…) for above a form; NULL where the code is
 * "invalid", as the fields say it themselves. New reference. */
json_t *manage_page_refusal(const struct errand *errand, const char *code);

/* What names the next sending of a form, so that sending it twice does it once. New reference. */
json_t *manage_page_new_key(void);

/* Whether the event is over. */
bool manage_page_is_over(const struct errand *errand);

#endif
