/*
 * One line of log for each answered request, and its place in the metrics. Lines name the route,
 * never the path itself, which may hold the keys of manage links and tickets. They are gathered
 * during a turn of the loop and written together at its end.
 */
#ifndef EINLASS_HTTP_ACCESS_H
#define EINLASS_HTTP_ACCESS_H

#include "http/exchange.h"

struct access_log *access_create(struct event_base *loop);
void access_destroy(struct access_log *log);

/* Once a request: its answer is on its way, or its stream has ended. */
void access_record(struct request *request, int status, size_t bytes);

#endif
