/*
 * The end of a listener, in two parts. First it serves on, new connections too, so that a slow
 * client keeps nobody out and a load balancer has time to leave. Every answer announces the close
 * of its connection. Then it stops accepting, answers what it has received, and closes the
 * connections.
 */
#ifndef EINLASS_HTTP_DRAIN_H
#define EINLASS_HTTP_DRAIN_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

struct listener;

struct drain_limits {
    int64_t serve_us;   /* how long downloads and earlier requests let all workers serve on */
    int64_t streams_us; /* when endless streams end, if the listener serves on for longer */
    int64_t last_us;    /* for a client that reads or sends after the listener stopped accepting */
};

enum drain_part { DRAIN_NOT, DRAIN_SERVING, DRAIN_CLOSING, DRAIN_CLOSED };

/* A member of the listener. */
struct drain {
    enum drain_part part;
    bool holds;   /* it has work for which all workers serve on */
    bool is_deaf; /* the loop no longer watches the socket */
    int64_t began_us, delay_us, closing_since_us, quiet_since_us;
    uint64_t begun_before; /* listener->begun at the last step */
    int downloads_cut;
    struct event *on_step;
    void (*on_drained)(void *context);
    void *context;
};

#endif
