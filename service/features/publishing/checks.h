/* What is missing or odd about an event before it is published. */
#ifndef EINLASS_FEATURES_PUBLISHING_CHECKS_H
#define EINLASS_FEATURES_PUBLISHING_CHECKS_H

#include <jansson.h>
#include <stdbool.h>

#include "event/event.h"
#include "view/locale.h"

/* Returns [{"text", "section", "missing", "is_privacy"}], what is missing first. `section` is the
 * editor's page that mends it. A new reference. */
json_t *checks_list(const struct event *event, int64_t now_us, const struct locale *locale);

/* Whether guests learn what becomes of their data: the organiser's profile has a privacy notice, or
 * a consent that they must give says it. */
bool checks_has_privacy(const struct event *event);

#endif
