/* Unknown members of a stored definition, which a newer version of the service wrote. Reading
 * ignores them, and writing keeps them. */
#ifndef EINLASS_EVENT_EVENT_UNKNOWN_H
#define EINLASS_EVENT_EVENT_UNKNOWN_H

#include <jansson.h>

/* Returns the members of `stored` that are not in `known`, a new reference to an object that may be
 * empty. `known` is the same definition from event_file_write(). Elements of lists match by slug.
 */
json_t *event_unknown(const json_t *stored, const json_t *known);

/* Appends the unknown members to a definition. Drops those of elements that the definition no
 * longer has. */
void event_unknown_keep(json_t *definition, const json_t *unknown);

/* Removes unknown members from an event file if they are unchanged. The others stay, so that
 * reading the file refuses them. */
void event_unknown_drop(json_t *file, const json_t *unknown);

#endif
