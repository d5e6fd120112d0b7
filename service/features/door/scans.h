/*
 * Scans as devices send them, read from a body and checked against the event's definition. What
 * a signature can tell is told here; the database is not asked.
 *
 *     {"ticket": "2KCE…",            or "attendee": id, for whoever comes without a ticket;
 *      "ticket_id": id,              or of a ticket whose signature a device has verified itself
 *      "door": "main",               a device stands at its own door and may leave it out
 *      "direction": "in",            or "out"
 *      "nonce": uuid,                names the scan; else the Idempotency-Key does, else a new one
 *      "scanned_at": time,           of the device's clock, at most now; else now
 *      "force": false, "reason": …   lets in all the same, and says why: 1 to 500 characters
 *      "decided": "admitted"}        what a device told the guest by itself, without network
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
};

struct scan {
    struct id nonce;
    const char *ticket;               /* NULL: an id was there, not the ticket itself */
    struct id ticket_id, attendee_id; /* zero: not known */
    enum verdict refused;             /* none: the signature did not tell a verdict */
    enum verdict decided;             /* none: the guest waits for our verdict */
    enum direction direction;
    const char *door, *reason; /* reason NULL: none */
    int64_t scanned_at_us;
    bool force;
};

struct scan_list {
    struct scan *scans; /* in the request's arena, in the order given */
    size_t count;
    bool is_list; /* the body was a list, also of one */
};

/*
 * Reads the request's body: one scan, or a list of 1 to SCANS_MOST under "scans". NULL: all is
 * well; else a new reference to the errors (findings_take).
 */
MUST_CHECK json_t *scans_read(struct request *request, struct scan_list *ret_list);

#endif
