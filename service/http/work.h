/* Blocking work of a request (a password hash, a PDF) on the thread pool of the process. */
#ifndef EINLASS_HTTP_WORK_H
#define EINLASS_HTTP_WORK_H

struct request;

/*
 * Calls `run` on a thread. It uses only the context, which has its own memory. It must not use the
 * request or its arena, because the loop may answer the deadline at the same time.
 *
 * Calls `on_done` once, on the loop. It answers the request and frees the context. request NULL:
 * the work did not run, because the pool is full (the request gets 503, and on_done runs before
 * request_work returns) or the service stops.
 */
void request_work(struct request *request, void (*run)(void *context),
                  void (*on_done)(struct request *request, void *context), void *context);

#endif
