/* What an event looks like to a visitor: the JSON of the API. */
#ifndef EINLASS_EVENT_EVENT_VIEW_H
#define EINLASS_EVENT_EVENT_VIEW_H

#include <jansson.h>

#include "base/memory.h"
#include "event/event.h"
#include "event/events.h"
#include "statements.h"

struct event_view {
    const struct event *event;
    const struct event_counts *counts;
    int64_t now_us;
    const char *code;       /* the access code the visitor gave; NULL: none */
    bool by_organiser;      /* sees the ticket types behind access codes too */
    const char *public_url; /* without a slash at the end, "" if unknown */
};

/* What somebody who wants to register now would meet with, and until when that holds if nobody
 * registers or cancels. */
enum event_state event_view_state(const struct event_view *view);
int64_t event_view_until_us(const struct event_view *view);

/* Texts as objects by language, times in UTC and local. New reference. */
json_t *event_view_json(const struct event_view *view);

/* The ticket types this visitor sees, and their free places; -1: without limit. No type has more
 * than the event. */
bool event_view_shows(const struct event_view *view, const struct ticket_type *type);
int64_t event_view_type_places_left(const struct event_view *view, const struct ticket_type *type);
bool event_view_has_codes(const struct event_view *view);

/* Whether so few places are left that a visitor should hurry: a tenth, or three. */
bool event_view_has_few(const struct event_view *view);
bool event_view_is_few(int64_t places_left, int64_t capacity); /* capacity -1: without limit */

/* When it takes place, for the partial {{> event/when}} on any page, under the name `when`. New
 * reference. */
json_t *event_view_when(const struct event *event);

/* Where a map of a place is. Appends the link. */
void event_map_url(const char *name, const char *address, struct buffer *out);

#endif
