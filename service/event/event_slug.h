/* Names in links, made from what people call something. */
#ifndef EINLASS_EVENT_EVENT_SLUG_H
#define EINLASS_EVENT_EVENT_SLUG_H

#include <jansson.h>
#include <stddef.h>

#include "base/memory.h"

/*
 * Makes a slug from a title: "Käse & Wein" gives "kaese-wein". It has at most `most` characters,
 * begins with a letter, and differs from all texts of the array `taken` (NULL: none). Lives in the
 * arena.
 */
const char *event_slug(struct arena *arena, const char *title, const json_t *taken, size_t most);

#endif
