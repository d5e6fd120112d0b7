/*
 * Mail, as a kind of job (jobs/job.h): writes the letters of messages that are due from what is
 * true at that moment, and gives them to the mail server. The first worker of each process does it.
 *
 * A message that the server accepted is noted as sent. If the process dies between the server's
 * answer and the note, the letter goes once more, with the same Message-ID. A message that the
 * server or the network refused for now is tried again after growing pauses, for three days. A
 * message that the server refused for good has failed.
 *
 * People sign up with any address, their own or not. No address gets more letters than
 * OUTBOX_TO_ONE_AN_HOUR, however many registrations name it. Further letters wait, and have failed
 * after three days.
 *
 * Without a mail server set, messages stay where they are (kept.h).
 */
#ifndef EINLASS_FEATURES_MESSAGE_OUTBOX_H
#define EINLASS_FEATURES_MESSAGE_OUTBOX_H

#include "features/feature.h"

enum {
    OUTBOX_UNDER_WAY_MOST = 20, /* letters of a process, being written or sent */
    OUTBOX_POLL_MS = 1000,
    OUTBOX_LEASE_S = 600,
    OUTBOX_GIVE_UP_HOURS = 72,
    OUTBOX_UNREACHABLE_PAUSE_S = 15, /* nothing is tried while the server cannot be reached */
    OUTBOX_STOP_GRACE_S = 15,        /* for letters under way when the service stops */
    OUTBOX_TO_ONE_AN_HOUR = 30,      /* limit: letters to one address, of a process */
    OUTBOX_TO_ONE_PAUSE_S = 600,     /* at least, of a letter that is one too many */
    OUTBOX_REMIND_EVERY_MS = 60000,
};

/* Stop waits for the letters that are under way, OUTBOX_STOP_GRACE_S at most. */
void outbox_start(struct worker *worker);
void outbox_stop(struct worker *worker);

/* Reminds people of events that are near. */
void outbox_remind(struct worker *worker);

/* Adds what became of the messages that the worker took. */
void outbox_measure(struct worker *worker, struct gauges *gauges);

#endif
