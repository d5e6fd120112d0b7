/*
 * LISTEN on a connection of its own. Notifications are hints to forget what is kept in memory;
 * on_gap comes whenever listening begins, at first and after each loss of the connection: some may
 * have been missed, forget everything.
 */
#ifndef EINLASS_DB_NOTIFY_H
#define EINLASS_DB_NOTIFY_H

#include <stdbool.h>

struct event_base;
struct notify;

struct notify_options {
    struct event_base *loop;
    const char *conninfo;
    const char *channel; /* a fixed name of ours, lower-case letters and underscores */
    void (*on_notice)(void *context, const char *payload);
    void (*on_gap)(void *context);
    void *context;
};

struct notify *notify_create(const struct notify_options *options);
void notify_destroy(struct notify *notify);

/* Whether it listens now; while it does not, memory cannot be trusted. */
bool notify_is_listening(const struct notify *notify);

#endif
