/*
 * The members of a stored definition that this program does not know, because a newer program wrote
 * them. Reading passes over them; whoever writes the definition again keeps them.
 */
#ifndef EINLASS_EVENT_EVENT_UNKNOWN_H
#define EINLASS_EVENT_EVENT_UNKNOWN_H

#include <jansson.h>

/* The members of `stored` that are not in `known`, which is the same definition as
 * event_file_write() gives it. Elements of lists are the same where their slugs are. A new
 * reference, an empty object if there are none. */
json_t *event_unknown(const json_t *stored, const json_t *known);

/* Adds the unknown members to a definition, behind its own. A ticket type, question, consent or
 * door that the definition has no longer takes its unknown members with it. */
void event_unknown_keep(json_t *definition, const json_t *unknown);

/* Takes those members out of an event file that are unknown and say exactly the same. The others
 * stay, so that reading the file refuses them. */
void event_unknown_drop(json_t *file, const json_t *unknown);

#endif
