/*
 * LISTEN on a separate connection. Notifications invalidate caches. on_gap runs whenever listening
 * starts, also after a lost connection: notifications may be missing, so clear the whole cache.
 */
#ifndef EINLASS_DB_NOTIFY_H
#define EINLASS_DB_NOTIFY_H

#include <stdbool.h>

struct event_base;
struct notify;
struct primary;

struct notify_options {
    struct event_base *loop;
    const char *conninfo;
    struct primary *primary; /* NULL: any server is right */
    const char *channel;     /* a constant of lower-case letters and underscores */
    void (*on_notice)(void *context, const char *payload);
    void (*on_gap)(void *context);
    void *context;
};

struct notify *notify_create(const struct notify_options *options);
void notify_destroy(struct notify *notify);

/* Whether it listens now. If not, caches may be stale. */
bool notify_is_listening(const struct notify *notify);

#endif
