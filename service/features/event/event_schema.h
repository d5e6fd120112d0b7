/* Events for search engines: schema.org/Event in JSON-LD. */
#ifndef EINLASS_FEATURES_EVENT_EVENT_SCHEMA_H
#define EINLASS_FEATURES_EVENT_EVENT_SCHEMA_H

#include "base/memory.h"
#include "event/event_view.h"

/* Appends the JSON with texts in one language, escaped for a script element. */
void event_schema(const struct event_view *view, const char *language, struct buffer *out);

#endif
