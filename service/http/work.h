/*
 * A request's work that blocks (a password hash, a PDF), on the process's pool of threads, while
 * the worker's loop goes on.
 */
#ifndef EINLASS_HTTP_WORK_H
#define EINLASS_HTTP_WORK_H

struct request;

/*
 * `run` touches nothing but its context: not the request, nor its arena, which the loop may use to
 * answer for the deadline meanwhile. The context therefore is memory of its own.
 *
 * `on_done` comes once, on the loop, and gives the context back; it answers the request. The
 * request is NULL where nothing ran, because too many wait (it was answered 503, and on_done comes
 * before this returns) or the service stops.
 */
void request_work(struct request *request, void (*run)(void *context),
                  void (*on_done)(struct request *request, void *context), void *context);

#endif
