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

/*
 * Returns the client, in the arena. `forwarded_for` is X-Forwarded-For, all lines of the header
 * joined by commas; NULL: none. Reads it from right to left while the addresses are trusted: the
 * first one that is not is the client. Something that is no address ends the reading. Then the
 * client is the last address that was read, or the peer.
 */
const char *trust_client(const struct trust *trust, struct arena *arena, const char *peer,
                         const char *forwarded_for);

/* "" is a unix socket and counts as loopback. */
bool trust_is_loopback(const char *address);

/* Returns the source of an address (source.h), in the arena: "192.0.2.1", "2001:db8::/64". */
const char *trust_source(struct arena *arena, const char *address);

#endif
