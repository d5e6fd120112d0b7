/*
 * The sockets libcurl has open for one conversation. Told to end a connection libcurl says QUIT and
 * waits for the answer, without asking anybody how long; whoever must not wait shuts the socket
 * first.
 */
#ifndef EINLASS_MAIL_SOCKETS_H
#define EINLASS_MAIL_SOCKETS_H

#include <curl/curl.h>
#include <stdbool.h>

enum { SOCKETS_MOST = 8 }; /* several while it connects (RFC 8305), then one */

struct sockets {
    int fds[SOCKETS_MOST];
    int count;
};

/* Has the handle open and close its sockets through here. */
void sockets_watch(struct sockets *sockets, CURL *curl);

/* Whether there is a connection on which nothing waits to be read: it is up, and in step. */
bool sockets_are_quiet(const struct sockets *sockets);

/* Ends what is open; libcurl finds it ended and closes it. */
void sockets_shut(const struct sockets *sockets);

#endif
