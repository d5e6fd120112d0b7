/*
 * The address the service listens on, bound once and shared by all workers: a TCP socket of its
 * own for each (SO_REUSEPORT, so that the kernel spreads connections), or one unix socket for all.
 */
#ifndef EINLASS_HTTP_LISTENING_H
#define EINLASS_HTTP_LISTENING_H

#include <stdbool.h>

#include "base/memory.h"

struct listening;

/*
 * "127.0.0.1:8080", "[::1]:8080", ":8080" (all addresses), "localhost:0" (a free port),
 * "unix:/run/einlass/einlass.sock". A socket file that nobody listens on any more is replaced.
 * False: ret_error says why.
 */
MUST_CHECK bool listening_create(const char *address, struct listening **ret_listening,
                                 struct buffer *ret_error);

/* Whether an address can be read at all, without listening there. False: ret_error says why. */
MUST_CHECK bool listening_check(const char *address, struct buffer *ret_error);

/* As it was bound: with the port that was free. */
const char *listening_address(const struct listening *listening);

/* A listening, non-blocking socket for one worker, who closes it. -1: ret_error says why. Not to
 * be called by two threads at once. */
MUST_CHECK int listening_socket(struct listening *listening, struct buffer *ret_error);

/* Removes the socket file. Takes NULL. */
void listening_destroy(struct listening *listening);

#endif
