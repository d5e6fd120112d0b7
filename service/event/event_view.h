/* The JSON of an event for a visitor. */
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
    const char *code;       /* the visitor's access code; NULL: none */
    bool by_organiser;      /* shows ticket types with access codes, too */
    const json_t *people;   /* who comes, for the page (features/event/who_comes.h); NULL: nobody */
    const char *public_url; /* without a slash at the end; "": unknown */
};

/* The state of registration now, and the time until which it stays if nobody registers or cancels.
 */
enum event_state event_view_state(const struct event_view *view);
int64_t event_view_until_us(const struct event_view *view);

/* Returns texts as objects by language, and times in UTC and local, a new reference. */
json_t *event_view_json(const struct event_view *view);

/* Whether the visitor sees the ticket type, and its free places, at most those of the event. -1: no
 * limit. */
bool event_view_shows(const struct event_view *view, const struct ticket_type *type);
int64_t event_view_type_places_left(const struct event_view *view, const struct ticket_type *type);
bool event_view_has_codes(const struct event_view *view);

/* Returns whether only a tenth of the places or three are left. */
bool event_view_has_few(const struct event_view *view);
bool event_view_is_few(int64_t places_left, int64_t capacity); /* capacity -1: without limit */

/* Returns `when`, the data of the partial {{> event/when}}, a new reference. */
json_t *event_view_when(const struct event *event);

/* Returns the event for the head of a page of the desk: {"slug", "title", "when", "published",
 * "cancelled"}, a new reference. */
json_t *event_view_head(const struct event *event, const char *language);

/* Appends a link to a map of the place. */
void event_map_url(const char *name, const char *address, struct buffer *out);

#endif
