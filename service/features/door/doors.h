/* The doors of an event, for the people who stand there. */
#ifndef EINLASS_FEATURES_DOOR_DOORS_H
#define EINLASS_FEATURES_DOOR_DOORS_H

struct request;

/*
 * GET /api/v1/events/{event}/doors: {"event": {"slug", "title", "timezone", "starts_at", "ends_at",
 * "check_in_opens_at", "check_in_closes_at", "cancelled", "days": [{"date", "starts_at"}],
 * "ticket_types": [{"slug", "title", "days"}]}, "doors": [{"slug", "title", "ticket_types":
 * [{"slug", "title"}]}], "counts": {"expected", "admitted", "inside"}, "now": time}. Titles are in
 * the language of the request.
 */
void doors_show(struct request *request);

#endif
