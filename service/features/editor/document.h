/* Changes of an event's definition by the names of its members. What the editor does not know stays
 * untouched. Names have dots: "registration.capacity". */
#ifndef EINLASS_FEATURES_EDITOR_DOCUMENT_H
#define EINLASS_FEATURES_EDITOR_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

/* Borrowed; NULL: there is no such member. */
json_t *document_get(const json_t *object, const char *name);

/* Takes the value. NULL or null removes the member, and an object above that is empty then. */
void document_set(json_t *object, const char *name, json_t *value);

/* The element of a list with a slug, borrowed; NULL: none. ret_index may be NULL. */
json_t *document_element(const json_t *document, const char *list, const char *slug,
                         size_t *ret_index);

/* Removes texts in languages that the event no longer has. */
void document_drop_languages(json_t *document);

#endif
