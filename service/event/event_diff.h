/* Differences between two definitions of an event. */
#ifndef EINLASS_EVENT_EVENT_DIFF_H
#define EINLASS_EVENT_EVENT_DIFF_H

#include <jansson.h>
#include <stddef.h>

#include "base/memory.h"
#include "view/locale.h"

/*
 * Compares two definitions from event_file_write(). Returns a list of the differences, a new
 * reference:
 *
 *     {"path": ["questions", "diet", "label", "de"], "before": "Kost", "after": "Essen"}
 *
 * An element of a list is named by its slug. `before` or `after` is absent where something was
 * added or removed. {"path": ["questions"], "order": true} says that the elements have another
 * order.
 */
json_t *event_diff(const json_t *before, const json_t *after);

/* Appends the differences for the command line, each between `lead` and `tail`: "registration
 * capacity 78 → 80", "question diet removed". */
void event_diff_write(const json_t *differences, const char *lead, const char *tail,
                      struct buffer *out);

/*
 * Puts the differences into words for the desk. Returns a list, a new reference:
 *
 *     {"label": "Places", "before": "78", "after": "80", "text": "Places: 78 → 80"}
 *     {"label": "Description (German)", "before": a long text, "after": a long text,
 *      "text": "Description (German) changed", "is_long": true}
 *
 * before or after is absent where there is none. The definitions give the names of questions,
 * ticket types, consents and doors; either may be NULL.
 */
json_t *event_diff_say(const json_t *differences, const json_t *before, const json_t *after,
                       const struct locale *locale);

#endif
