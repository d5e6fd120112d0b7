/*
 * Mail, as a kind of job (jobs/job.h). The first worker of each process leases due messages, writes
 * their letters from the data at that moment, and sends them to the mail server.
 *
 * If the process dies after the server has accepted a letter but before the database notes it, the
 * letter is sent again with the same Message-ID. After a temporary error of the server or the
 * network the message is retried with backoff for three days. After a permanent error it has
 * failed.
 *
 * Anybody can sign up with another person's address. So each address has a rate limit of
 * letters (PACE_LETTERS). Further letters wait, and fail after three days.
 *
 * Without a mail server messages stay queued; the desk shows them (message_pages.h).
 */
#ifndef EINLASS_FEATURES_MESSAGE_OUTBOX_H
#define EINLASS_FEATURES_MESSAGE_OUTBOX_H

#include "features/feature.h"

enum {
    OUTBOX_UNDER_WAY_MOST = 20, /* slots of a process */
    OUTBOX_POLL_MS = 1000,
    OUTBOX_LEASE_S = 600,
    OUTBOX_GIVE_UP_HOURS = 72,
    OUTBOX_UNREACHABLE_PAUSE_S = 15, /* between attempts to reach the server */
    OUTBOX_STOP_GRACE_S = 15,        /* for letters under way when the service stops */
    OUTBOX_TO_ONE_PAUSE_S = 600,     /* before a letter above the rate limit is retried */
    OUTBOX_REMIND_EVERY_MS = 60000,
};

/* outbox_stop waits for leased letters, at most OUTBOX_STOP_GRACE_S. */
void outbox_start(struct worker *worker);
void outbox_stop(struct worker *worker);

/* Queues reminders of events that start soon. */
void outbox_remind(struct worker *worker);

/* Counts the worker's attempts by outcome. */
void outbox_measure(struct worker *worker, struct gauges *gauges);

#endif
