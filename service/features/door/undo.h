/* Undoes a scan. */
#ifndef EINLASS_FEATURES_DOOR_UNDO_H
#define EINLASS_FEATURES_DOOR_UNDO_H

#include <stdint.h>

#include "base/id.h"

struct request;

enum {
    UNDO_MINUTES = 15, /* limit: time to undo a scan */
};

/*
 * DELETE /api/v1/events/{event}/checkins/{nonce}: marks the scan as undone and computes the guest's
 * state from the other scans. Answers {"nonce", "attendee": {"id", "name", "ticket_type", "status",
 * "inside"}, "counts"}, a second time the same; for a scanner the attendee is null. A staff device
 * may undo scans at its door, a scanner its own scans, a role any scan; for another scan it answers
 * 404. Answers 409 nothing_to_undo if the scan let nobody in or out, and 409 undo_too_late after
 * UNDO_MINUTES.
 *
 * With ?undone_at= a device tells when it undid its own scan offline. If that was within
 * UNDO_MINUTES after the scan, the service accepts it for a day.
 */
void undo_handle(struct request *request);

/* Undoes the scan and answers the request. said_at_us 0: now. */
void undo_begin(struct request *request, const struct id *nonce, int64_t said_at_us);

#endif
