/*
 * GET /api/v1/events/{event}/attendees: a page of the attendee list.
 *
 *     {"attendees": [{"id", "name", "email", "ticket_type", "status", "first_admitted_at",
 * "days", "inside", "answers", "consents", "registration": {"id", "number", "status", "email",
 * "language", "created_at"}, "ticket", "ticket_url"}], "counts": {"expected", "admitted", "inside",
 * "waitlisted", "days": [{"date", "admitted"}] (of an event of several days)}, "next": "…"}
 *
 * Attendees come in the order of registration. "next" is the cursor of the next page, or null; the
 * header Link (RFC 8288) has its URL. "counts" are those of the event, without a filter only. Only
 * managers and owners get tickets. If the event is cancelled,
 * nobody gets tickets, and the attendees have "event_cancelled". The role door gets
 * row_json_at_door(). Devices, and the role door when it searches (q), get what guests.h says.
 */
#ifndef EINLASS_FEATURES_ATTENDEE_LIST_H
#define EINLASS_FEATURES_ATTENDEE_LIST_H

#include <stdint.h>

#include "form/form.h"

struct request;
struct rows;

enum {
    LIST_LIMIT_DEFAULT = 100,
    LIST_LIMIT_MOST = 500, /* limit: attendees on a page of the list */
};

/* The parameters limit and cursor. A page starts behind the attendee that its cursor names. */
struct list_page {
    int64_t limit;
    const char *after; /* for attendee_page(); NULL: the first page */
};
extern const struct form list_page_form;

/* The cursor behind a row of list.sql, in the arena. */
const char *list_cursor(struct arena *arena, const struct rows *rows, int row);

void list_handle(struct request *request);

#endif
