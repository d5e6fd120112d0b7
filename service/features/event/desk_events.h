/* The events that the caller runs: /desk and GET /api/v1/organised-events. */
#ifndef EINLASS_FEATURES_EVENT_DESK_EVENTS_H
#define EINLASS_FEATURES_EVENT_DESK_EVENTS_H

struct request;

enum {
    DESK_EVENTS_MOST = 50,         /* limit: events on a page of the desk */
    DESK_EVENTS_PAGES_MOST = 1000, /* limit: pages of events at the desk */
    DESK_EVENTS_SEARCH_MOST = 100, /* limit: characters of a search for events */
};

/*
 * Reads ?q= (a text in the title or the place) and ?page=. Answers {"events": [...], "search",
 * "page", "next": the next page or null}. Each event has its organiser, title, times and state, and
 * the counts `capacity`, `taken`, `coming`, `to_approve`, `waiting`, `came`, `mails_failed` and
 * `conflicts`. They come from tallies; the last two count up to 1000.
 */
void desk_events_show(struct request *request);

#endif
