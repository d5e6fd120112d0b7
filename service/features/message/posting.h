/*
 * A message on its way: what the database says of it, one posting a message, and its kind. The kind
 * says what happened; the words of its letter are the wordings message.KIND.subject and
 * message.KIND.lead.
 */
#ifndef EINLASS_FEATURES_MESSAGE_POSTING_H
#define EINLASS_FEATURES_MESSAGE_POSTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "db/values.h"
#include "event/event.h"
#include "statements.h"

/* What a letter does to the recipient's calendar (RFC 5546): nothing, adds or updates, removes. */
enum posting_calendar { POSTING_CALENDAR_NONE, POSTING_CALENDAR_PUBLISH, POSTING_CALENDAR_CANCEL };

/* What there is to know of a kind. */
struct posting_traits {
    unsigned statuses; /* the states of the attendees it speaks of in which it is still true */
    enum posting_calendar calendar;
    bool has_no_links;          /* the recipient has no part in the registration any more */
    bool is_to_many;            /* List-Unsubscribe applies */
    bool survives_cancellation; /* of the event: still said then */
};

/* An attendee that a letter speaks of. */
struct posting_line {
    enum registration_status status;
    const char *name, *ticket_type;
    struct id ticket_id; /* zero: has none */
    int64_t ticket_expires_at_us;
};

struct posting {
    struct id event_id, registration_id, message_id;
    struct id attendee_id; /* whom it is about and told to; zero: the registration */
    enum message_kind kind;
    const struct posting_traits *traits; /* of the kind */
    enum message_state state;
    enum registration_status registration_status;
    const char *event;
    const char *recipient; /* "" when it was erased */
    const char *language;
    bool is_verified;        /* the registration's address */
    const char *former_name; /* of the person who handed the ticket on; NULL */
    const char *words;       /* the mail server's last; "" */
    int tries, code;
    int64_t created_at_us, due_at_us, sent_at_us; /* sent 0: not yet */
    const char *held_until; /* of an unverified registration's places, local to the event; "" */
    int64_t waiting_position;
    struct posting_line *lines;
    size_t line_count;
};

/* Whether this version knows all words in it. One that it does not know was logged, and nothing
 * can be said about the posting. */
bool posting_is_known(const struct posting *posting);

/* Reads the message that begins at *row, and moves *row behind its last line. The posting lives in
 * the arena. The rows are of message/claim and of message/show. */
struct posting *posting_read_claimed(struct arena *arena, const struct rows *rows, int *row);
struct posting *posting_read_shown(struct arena *arena, const struct rows *rows, int *row);

/* Whether what it says is still true. An event that has been over for a day has no news. */
bool posting_holds(const struct posting *posting, const struct event *event, int64_t now_us);

#endif
