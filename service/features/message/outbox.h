/*
 * Sends what is in the outbox: one worker of each process takes messages that are due, writes their
 * letters from what is true at that moment, and gives them to the mail server. Several processes
 * share the work; a message is with one of them at a time.
 *
 * A message that the server accepted is noted as sent before anything else happens to it, and the
 * note is repeated until the database has it. What a server or the network refused for now comes
 * again after growing pauses, for three days; what a server refused for good has failed. If the
 * process dies between the server's yes and the note, the letter goes once more, with the same
 * Message-ID.
 *
 * Whoever signs up names addresses, their own or not. Whatever is done with however many
 * registrations, no address gets more letters than OUTBOX_TO_ONE_AN_HOUR: others wait, and have
 * failed after three days.
 *
 * Without a mail server set, messages stay where they are (kept.h).
 */
#ifndef EINLASS_FEATURES_MESSAGE_OUTBOX_H
#define EINLASS_FEATURES_MESSAGE_OUTBOX_H

#include "features/feature.h"

enum {
    OUTBOX_UNDER_WAY_MOST = 20, /* letters of a process, written or on the wire */
    OUTBOX_POLL_MS = 1000,
    OUTBOX_GIVE_UP_HOURS = 72,
    OUTBOX_UNREACHABLE_PAUSE_S = 15, /* nothing is tried while the server cannot be reached */
    OUTBOX_STOP_GRACE_S = 15,        /* for letters on the wire when the service stops */
    OUTBOX_TO_ONE_AN_HOUR = 30,      /* letters to one address, and as many at once */
    OUTBOX_TO_ONE_PAUSE_S = 600,     /* at least, of a letter that is one too many */
};

/* Stop waits for the letters that are under way, OUTBOX_STOP_GRACE_S at most. */
void outbox_start(struct worker *worker);
void outbox_stop(struct worker *worker);

/* Adds what became of the messages that the worker took. */
void outbox_measure(struct worker *worker, struct gauges *gauges);

/* How long to wait after so many attempts. */
int outbox_pause_s(int tries);

#endif
