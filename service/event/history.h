/* Entries of the audit log in words, for a person's page and for the log. */
#ifndef EINLASS_EVENT_HISTORY_H
#define EINLASS_EVENT_HISTORY_H

#include <jansson.h>

#include "view/locale.h"

/*
 * Puts an entry into words. Members:
 *
 *     actor, actor_name  "device 0198…", "Blue tablet" (the name may be absent) →
 *                        who: "Phone Blue tablet"
 *     action             "registration.cancel" → text: "Registration cancelled"
 *     changes            as changes_told() in migrations/functions/history.sql gives them →
 *                        [{"label", "before", "after"}], texts; before or after may be absent.
 *                        Also sets has_changes.
 */
void history_say(json_t *entry, const struct locale *locale);

/* The same for the parts: who it was, and an action. New references. */
json_t *history_who(const json_t *entry, const struct locale *locale);
json_t *history_action(const char *action, const struct locale *locale);

#endif
