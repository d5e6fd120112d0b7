/*
 * GET /api/v1/events/{event}/attendees: a page of the attendee list.
 *
 *     {"attendees": [{"id", "name", "email", "ticket_type", "status", "first_admitted_at",
 * "inside", "answers", "consents", "registration": {"id", "number", "status", "email", "language",
 * "created_at"}, "ticket", "ticket_url"}], "counts": {"expected", "admitted", "inside",
 * "waitlisted"}, "next": "…"}
 *
 * In the order in which they registered. "next" is the cursor of the page behind this one, null
 * at the end; the header Link (RFC 8288) has it as a whole. "counts" are the whole event's, there
 * when nothing is filtered. Tickets are for managers and owners. The role door gets attendees as
 * the door sees them, and devices search in guests.h.
 */
#ifndef EINLASS_FEATURES_ATTENDEE_LIST_H
#define EINLASS_FEATURES_ATTENDEE_LIST_H

struct request;

enum {
    LIST_LIMIT_DEFAULT = 100,
    LIST_LIMIT_MOST = 500, /* limit: attendees on a page of the list */
};

void list_handle(struct request *request);

#endif
