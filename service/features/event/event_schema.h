/* An event as search engines read it: schema.org/Event in JSON-LD. */
#ifndef EINLASS_FEATURES_EVENT_EVENT_SCHEMA_H
#define EINLASS_FEATURES_EVENT_EVENT_SCHEMA_H

#include "base/buffer.h"
#include "event/event_view.h"

/* Appends the JSON, made harmless for a script element, with the texts of one language. */
void event_schema(const struct event_view *view, const char *language, struct buffer *out);

#endif
