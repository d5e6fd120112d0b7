/*
 * Reads scans from a body. Checks them against the event's definition and verifies signatures,
 * without the database.
 *
 *     {"ticket": "2KCE…",            or one of the two ids
 *      "ticket_id": id,              of a ticket whose signature the device has verified
 *      "attendee": id,               of a guest without a ticket
 *      "door": "main",               default: the device's door
 *      "direction": "in",            or "out"
 *      "nonce": uuid,                id of the scan; default: from the Idempotency-Key, or new
 *      "scanned_at": time,           of the device's clock, at most now; default: now
 *      "force": false, "reason": …   overrides a refusal; the reason has 1 to 500 characters
 *      "decided": "admitted"}        the verdict of the device while it was offline
 */
#ifndef EINLASS_FEATURES_DOOR_SCANS_H
#define EINLASS_FEATURES_DOOR_SCANS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "statements.h"

struct request;

enum {
    SCANS_MOST = 1000,      /* limit: scans of one request */
    SCAN_REASON_MOST = 500, /* limit: characters of a reason for a scan by force */
    SCAN_NOW_S = 10,        /* a phone waits 3 s for the answer to a scan, then decides by itself */
};

struct scan {
    struct id nonce;
    const char *ticket;               /* NULL: the scan has an id instead */
    struct id ticket_id, attendee_id; /* zero: not known */
    enum verdict refused;             /* by the signature; none: the database decides */
    enum verdict decided;             /* by the device while offline; none: it was online */
    enum direction direction;
    const char *door, *reason; /* reason NULL: none */
    int64_t scanned_at_us;
    bool force;
    bool is_now; /* the guest stands at the door: no device decided, SCAN_NOW_S old at most */
};

struct scan_list {
    struct scan *scans; /* in the request's arena, in the order of the body */
    size_t count;
    bool is_list; /* the body had "scans" */
};

/* Reads the request's body: one scan, or a list of 1 to SCANS_MOST under "scans". Returns NULL, or
 * a new reference to the errors (findings_take). */
MUST_CHECK json_t *scans_read(struct request *request, struct scan_list *ret_list);

#endif
