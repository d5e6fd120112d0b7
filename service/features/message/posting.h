/*
 * A message on its way: what the database says of it, one posting a message. Lives in an arena
 * that the caller gives.
 */
#ifndef EINLASS_FEATURES_MESSAGE_POSTING_H
#define EINLASS_FEATURES_MESSAGE_POSTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "db/rows.h"
#include "event/event.h"
#include "features/message/letter_kind.h"

/* An attendee that a letter speaks of. */
struct posting_line {
    const char *name, *ticket_type, *status;
    struct id ticket_id; /* zero: has none */
    int64_t ticket_expires_at_us;
};

struct posting {
    struct id event_id, registration_id, message_id;
    struct id attendee_id;   /* whom it is about and told to; zero: the registration */
    const struct letter_kind *kind; /* NULL: one that this version does not know */
    const char *event, *state;
    const char *recipient; /* "" when it was erased */
    const char *language, *registration_status;
    bool is_verified;        /* the registration's address */
    const char *former_name; /* of whoever handed the ticket on; NULL */
    const char *words;       /* the mail server's last; "" */
    int tries, code;
    int64_t created_at_us, due_at_us, sent_at_us; /* sent 0: not yet */
    const char *held_until; /* of an unverified registration's places, local to the event; "" */
    int64_t waiting_position;
    struct posting_line *lines;
    size_t line_count;
};

/* Reads the message that begins at *row, and moves *row behind its last line. */
struct posting *posting_read(struct arena *arena, const struct rows *rows, int *row);

/* Whether what it says is still true. An event that has been over for a day has no news. */
bool posting_holds(const struct posting *posting, const struct event *event, int64_t now_us);

#endif
