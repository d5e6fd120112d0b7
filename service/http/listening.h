/*
 * The address of the service, bound once for all workers. For TCP each worker gets its own socket
 * (SO_REUSEPORT, so that the kernel spreads connections). A unix socket is shared by all, and so is
 * a socket that systemd has bound and passes on (sd_listen_fds(3)): it outlives the process, and
 * connections wait in its queue during a restart.
 */
#ifndef EINLASS_HTTP_LISTENING_H
#define EINLASS_HTTP_LISTENING_H

#include <stdbool.h>

#include "base/memory.h"

struct listening;

/*
 * "127.0.0.1:8080", "[::1]:8080", ":8080" (all addresses), "localhost:0" (a free port),
 * "unix:/run/einlass/einlass.sock". Replaces an unused socket file. A socket from systemd takes the
 * place of the address. False: ret_error has the reason.
 */
MUST_CHECK bool listening_create(const char *address, struct listening **ret_listening,
                                 struct buffer *ret_error);

/* Checks the syntax of an address without binding it. False: ret_error has the reason. */
MUST_CHECK bool listening_check(const char *address, struct buffer *ret_error);

/* Returns the bound address, with the chosen port. */
const char *listening_address(const struct listening *listening);

/* Returns a listening, non-blocking socket for one worker, which closes it and holds the address.
 * -1: ret_error has the reason. Two threads must not call it at once. */
MUST_CHECK int listening_socket(struct listening *listening, struct buffer *ret_error);

/* While the service stops: a worker holds the address (1) or lets it go (-1); whether one holds it.
 * For any thread. */
void listening_hold(struct listening *listening, int change);
bool listening_is_held(struct listening *listening);

/* Returns whether the socket belongs to systemd. Its queue is then served by the next process. */
bool listening_outlives(const struct listening *listening);

/* Removes the socket file. Takes NULL. */
void listening_destroy(struct listening *listening);

#endif
