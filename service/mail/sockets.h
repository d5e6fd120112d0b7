/*
 * The open sockets of one conversation. To close a connection, libcurl sends QUIT and waits for the
 * answer without a timeout. A caller that must not wait shuts the socket first.
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

/* Makes the handle open and close its sockets through this module. */
void sockets_watch(struct sockets *sockets, CURL *curl);

/* Whether a connection is up and has no unread bytes. */
bool sockets_are_quiet(const struct sockets *sockets);

/* Shuts the open sockets down; libcurl notices and closes them. */
void sockets_shut(const struct sockets *sockets);

#endif
