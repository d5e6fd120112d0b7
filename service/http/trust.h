/*
 * Trusted proxies, whose X-Forwarded-For, X-Forwarded-Proto and X-Request-Id the service believes.
 * A list of addresses and networks: "127.0.0.1, ::1, 10.0.0.0/8". "unix" trusts peers on unix
 * sockets.
 */
#ifndef EINLASS_HTTP_TRUST_H
#define EINLASS_HTTP_TRUST_H

#include <stdbool.h>

#include "base/memory.h"

enum { TRUST_NETWORKS_MOST = 64 };

struct trust_network {
    unsigned char bytes[16]; /* IPv6, or IPv4 mapped into it (RFC 4291 section 2.5.5.2) */
    int bits;
};

struct trust {
    struct trust_network networks[TRUST_NETWORKS_MOST];
    int count;
    bool unix_sockets;
};

/* An empty list or NULL trusts no proxy. False: ret_error has the reason. */
MUST_CHECK bool trust_parse(const char *list, struct trust *ret_trust, struct buffer *ret_error);

/* Returns whether the peer is trusted. NULL or "" is a peer on a unix socket. */
bool trust_has(const struct trust *trust, const char *address);

/* Returns the client: the last address of X-Forwarded-For that is no trusted proxy, in the arena,
 * or the peer. */
const char *trust_client(const struct trust *trust, struct arena *arena, const char *peer,
                         const char *forwarded_for);

#endif
