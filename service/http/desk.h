/*
 * The desk: the organiser's pages under /desk, which need a session. Features bring the rows
 * (ROUTE_DESK) and the entries of the menu; this module makes the frame around them.
 */
#ifndef EINLASS_HTTP_DESK_H
#define EINLASS_HTTP_DESK_H

#include <jansson.h>

struct request;

/*
 * Returns what web/desk.html shows around a page, a new reference:
 *
 *     menu, event_menu  [{"text", "href", "current"}]: the entries that the caller may open
 *     event             what the scope describes; absent without an event
 *     name              of the person who is signed in; absent without a session
 *     notice            what has just been done: the word FEATURE.done.KEY of ?done=FEATURE.KEY,
 *                       with {{n}} from ?n=; absent without it
 */
json_t *desk_context(struct request *request);

/* Answers a request without a session: leads a reader to the sign-in page and back, and tells a
 * writer that the session has ended. */
void desk_ask_to_sign_in(struct request *request);

#endif
