/* Taking back a scan that was a mistake. */
#ifndef EINLASS_FEATURES_DOOR_UNDO_H
#define EINLASS_FEATURES_DOOR_UNDO_H

struct request;

enum {
    UNDO_MINUTES = 15, /* limit: time to undo a scan */
};

/*
 * DELETE /api/v1/events/{event}/checkins/{nonce}: the guest is what the other scans say, and the
 * scan stays, marked as undone: {"nonce", "attendee": {"id", "name", "ticket_type", "status",
 * "inside"}, "counts"}. A device takes back what was scanned at its door (a scanner: only what it
 * scanned itself), roles anything. 404 otherwise; 409 nothing_to_undo (it let nobody in or out),
 * undo_too_late (it came more than UNDO_MINUTES ago). Again gives the same.
 *
 * With ?undone_at= a device that was apart says when it took back a scan of its own: within
 * UNDO_MINUTES after the scan that holds for a day.
 */
void undo_handle(struct request *request);

#endif
