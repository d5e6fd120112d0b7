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

/*
 * A page that a list leads to has the query of the list in the parameter `from`, so that its reader
 * can go back to the same filter and page. desk_from adds `from` to a link, if the request has it;
 * desk_back adds the query to the path of the list. desk_came_from writes `from` for a query. Both
 * live in the arena of the request.
 */
const char *desk_from(struct request *request, const char *link);
const char *desk_back(struct request *request, const char *list);
const char *desk_came_from(struct request *request, const char *link, const char *query);

/* Lets the page show a page of the desk in a frame, such as a preview of a mail. */
void desk_allow_frame(struct request *request);

/* Answers a request without a session: leads a reader to the sign-in page and back, and tells a
 * writer that the session has ended. */
void desk_ask_to_sign_in(struct request *request);

#endif
