/*
 * Rate limits. All of them are rows of one table in pace.c; to add one, name it here and add its
 * row. A limit has a token bucket for each key. The bucket holds a number of permits; permits that
 * were taken come back slowly. A key is a limit, a scope such as an event, and a text such as the
 * source of a request (http/source.h) or the id of a caller.
 *
 * All workers of a process share the buckets, so any thread may call these functions. They are kept
 * in memory only, as keyed hashes, and their number is bounded: a new key replaces the one whose
 * permits are back first. Times are monotonic.
 */
#ifndef EINLASS_SECURITY_PACE_H
#define EINLASS_SECURITY_PACE_H

#include <stdint.h>

#include "base/id.h"
#include "base/memory.h"

struct worker;

enum pace_limit {
    /* Of a source at an event. Callers with a role in the event have none of them. */
    PACE_SIGN_UPS,  /* a permit a person, by form and API */
    PACE_HOLDS,     /* places that unverified addresses hold, as parts of PACE_ALL; has `hours` */
    PACE_RESENDS,   /* "send my ticket again" */
    PACE_ADDRESSES, /* corrections of an address */
    PACE_HAND_ONS,  /* tickets handed on */
    PACE_ACCESS_CODES, /* wrong ones */
    /* Of a source. */
    PACE_PAIRING_CODES,   /* wrong ones */
    PACE_INVITATION_KEYS, /* wrong keys of the links that invite to an event */
    PACE_STRANGERS,       /* first letters to addresses that were typed there for somebody else */
    /* Of something else. */
    PACE_ADDRESSES_OF_ONE, /* of a registration: corrections of its address */
    PACE_VERIFIED,         /* of a registration: permits given back for it */
    PACE_FORMS,            /* of an e-mail address at an event: sign-up forms */
    PACE_LETTERS,          /* of an e-mail address: letters to it */
    PACE_PRINTS,           /* of a ticket: its PDF */
    PACE_WALK_INS,         /* of a caller at an event */
    PACE_SEARCHES,         /* of a caller at an event: guests by name */
    PACE_REQUESTS,         /* of a token or account */
    /* Signing in at the desk. Links that were mailed or printed have none of the first three, so
     * that nobody can lock an owner out. */
    PACE_PASSWORDS,           /* of an e-mail address: wrong passwords */
    PACE_PASSWORDS_OF_SOURCE, /* of a source */
    PACE_CODES,               /* of an account: wrong codes and passwords behind the first step */
    PACE_SIGN_IN_LINKS,       /* of an e-mail address: links asked for */
    PACE_SIGN_IN_LINKS_OF_SOURCE,
    PACE_INVITATIONS,        /* of an e-mail address or an invitation: mails that invite */
    PACE_INVITATIONS_OF_ONE, /* of an account: mails that it sends */
    PACE_LIMITS
};

struct pace_key {
    enum pace_limit limit;
    const struct id *scope; /* NULL: none */
    const char *who;        /* NULL: the scope is enough */
    int hours;              /* until an empty bucket is full; 0: as the table says */
};

enum { PACE_ALL = 100000 }; /* the permits of a full bucket of PACE_HOLDS */

struct pace;

struct pace *pace_create(void);
void pace_destroy(struct pace *pace); /* takes NULL */

/* The buckets of the worker's process. */
struct pace *pace_of(struct worker *worker);

/* Takes permits, at least one. Returns 0, or the seconds until they are there; then none is taken.
 * More permits than a bucket holds are taken from a full one. */
MUST_CHECK int pace_take(struct pace *pace, const struct pace_key *key, int64_t permits,
                         int64_t now_us);

/* The same for one permit, and takes none. */
MUST_CHECK int pace_wait(struct pace *pace, const struct pace_key *key, int64_t now_us);

void pace_give_back(struct pace *pace, const struct pace_key *key, int64_t permits, int64_t now_us);

#endif
