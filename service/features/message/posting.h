/* A message as the database holds it. The kind tells what happened. The words of its letter are
 * message.KIND.subject and message.KIND.lead. */
#ifndef EINLASS_FEATURES_MESSAGE_POSTING_H
#define EINLASS_FEATURES_MESSAGE_POSTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "db/values.h"
#include "event/event.h"
#include "statements.h"

/* The calendar entry of a letter (RFC 5546). PUBLISH adds or updates it, CANCEL removes it. */
enum posting_calendar { POSTING_CALENDAR_NONE, POSTING_CALENDAR_PUBLISH, POSTING_CALENDAR_CANCEL };

/* Properties of a kind. */
struct posting_traits {
    unsigned statuses; /* bits: the message is true while an attendee has one of these */
    enum posting_calendar calendar;
    bool has_no_links;          /* the recipient has left the registration */
    bool is_to_many;            /* has List-Unsubscribe */
    bool survives_cancellation; /* is sent even after the event was cancelled */
    bool is_about_duplicates;   /* is sent about a duplicate (posting_is_duplicate) */
    bool takes_back;            /* is sent only to people who got a letter before */
    bool is_timeless;           /* is sent also long after the event */
};

/* An attendee in a letter. */
struct posting_line {
    enum registration_status status;
    const char *name, *ticket_type;
    bool is_reader; /* this attendee reads the letter */
    struct id attendee_id;
    struct id ticket_id; /* zero: no ticket */
    int64_t ticket_expires_at_us;
};

/* An earlier registration of the same address. */
struct posting_earlier {
    struct id registration_id; /* zero: there is none */
    enum registration_status status;
    bool is_verified;
    int64_t waiting_position; /* 0: does not wait */
    int64_t link_version;     /* of its manage link */
};

struct posting {
    struct id event_id, registration_id, message_id;
    struct id attendee_id; /* subject and recipient; zero: the whole registration */
    enum message_kind kind;
    const struct posting_traits *traits;
    enum message_state state;
    enum registration_status registration_status;
    const char *event;
    const char *recipient; /* "": erased */
    const char *language;
    bool is_vouched;               /* somebody opened a link that was mailed to its address */
    bool is_by_organiser;          /* an organiser typed the recipient's address */
    bool organiser_did;            /* what the letter tells was done by an organiser */
    const char *own_words;         /* of the organiser who did it; NULL: none */
    const char *subject, *text;    /* what an organiser wrote to many, Markdown; NULL: nothing */
    const char *source;            /* hash of where it was typed; NULL: no limit */
    bool is_verified;              /* the registration's address */
    bool was_told;                 /* the recipient got a letter about the registration before */
    bool was_told_of_cancellation; /* of the event */
    struct posting_earlier earlier;
    const char *former_name;  /* who handed the ticket on, or whose place was cancelled; or NULL */
    bool is_own_place;        /* the cancelled place was the reader's */
    const char *registrant;   /* who registered the attendee; NULL: not known */
    const char *handed_on_to; /* the first letter of who has the ticket now: "L…" */
    int64_t link_version;     /* of the recipient's link */
    const char *words;        /* last answer of the mail server; "": none */
    int tries, code;
    int64_t created_at_us, due_at_us, sent_at_us; /* sent 0: not sent */
    const char *held_until; /* how long unverified places are held, local time; "": not held */
    int64_t waiting_position;
    struct posting_line *lines;
    size_t line_count;
};

/* Returns whether this version of the service knows all words in the posting. Unknown words were
 * logged. A posting with unknown words cannot be handled. */
bool posting_is_known(const struct posting *posting);

/* Read the message that begins at *row of message/claim, message/show or message/preview, and move
 * *row behind its last line. The posting lives in the arena. */
struct posting *posting_read_claimed(struct arena *arena, const struct rows *rows, int *row);
struct posting *posting_read_shown(struct arena *arena, const struct rows *rows, int *row);
struct posting *posting_read_preview(struct arena *arena, const struct rows *rows, int *row);

/* Returns whether the message is still true. A day after the event only what organisers write is.
 */
bool posting_holds(const struct posting *posting, const struct event *event, int64_t now_us);

/* Returns whether the message tells its recipient anything: nobody is told of the end of something
 * that they never heard of. */
bool posting_is_news(const struct posting *posting);

/* Returns whether the registration repeats another one at an event that takes an address once, and
 * nobody has verified its address. Its answers do not tell; its letters do. */
bool posting_is_duplicate(const struct posting *posting, const struct event *event);

enum posting_calendar posting_calendar(const struct posting *posting);

/* Returns whether somebody else typed the recipient's address. */
bool posting_is_to_stranger(const struct posting *posting);

/* Returns the attendee who reads the letter. NULL: not known. */
const struct posting_line *posting_reader(const struct posting *posting);

#endif
