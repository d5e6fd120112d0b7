/*
 * The kinds of messages, one row each. The kind says what happened; the words of a letter are the
 * wordings message.KIND.subject and message.KIND.lead.
 */
#ifndef EINLASS_FEATURES_MESSAGE_LETTER_KIND_H
#define EINLASS_FEATURES_MESSAGE_LETTER_KIND_H

#include <stdbool.h>

/* What a letter does to the recipient's calendar (RFC 5546): nothing, adds or updates, removes. */
enum kind_calendar { KIND_CALENDAR_NONE, KIND_CALENDAR_PUBLISH, KIND_CALENDAR_CANCEL };

/* The states of the attendees it speaks of in which it is still true. */
enum kind_status {
    KIND_WHILE_UNVERIFIED = 1,
    KIND_WHILE_PENDING = 2,
    KIND_WHILE_WAITLISTED = 4,
    KIND_WHILE_CONFIRMED = 8,
    KIND_WHILE_CANCELLED = 16,
    KIND_WHILE_WITH_PLACE = KIND_WHILE_UNVERIFIED | KIND_WHILE_PENDING | KIND_WHILE_CONFIRMED,
    KIND_WHILE_REGISTERED = KIND_WHILE_WITH_PLACE | KIND_WHILE_WAITLISTED,
    KIND_ALWAYS = KIND_WHILE_REGISTERED | KIND_WHILE_CANCELLED,
};

struct letter_kind {
    const char *name;  /* as in message.kind */
    unsigned statuses; /* enum kind_status */
    enum kind_calendar calendar;
    bool has_no_links;          /* the recipient has no part in the registration any more */
    bool is_to_many;            /* List-Unsubscribe applies */
    bool survives_cancellation; /* of the event: still said then */
};

/* NULL: this version does not know it. */
const struct letter_kind *letter_kind_find(const char *name);

/* Its bit of enum kind_status; 0 for one that is not known. */
unsigned kind_status_bit(const char *status);

extern const struct letter_kind letter_kind_all[]; /* ends with a row without name */

#endif
