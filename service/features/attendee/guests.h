/*
 * Search for guests without a ticket: GET /api/v1/events/{event}/attendees?q= from devices and from
 * the role door.
 *
 *     {"attendees": [{"id", "name", "ticket_type", "ticket_type_title", "status", "present",
 * "first_admitted_at", "answers": [{"label", "text"}]}], "more": false}
 *
 * It shows at most GUESTS_MOST attendees. Those with a matching name come first. "more": there are
 * others. A phone is easily lost, so a search needs at least three letters, and it searches and
 * shows only names and the answers that the event marks for the door.
 */
#ifndef EINLASS_FEATURES_ATTENDEE_GUESTS_H
#define EINLASS_FEATURES_ATTENDEE_GUESTS_H

struct filter;
struct request;

enum {
    GUESTS_LETTERS_LEAST = 3,    /* limit: letters that a device's search needs */
    GUESTS_MOST = 20,            /* limit: attendees that a device's search shows */
    GUESTS_LOOKED_AT_MOST = 400, /* limit: attendees that a device's search looks at */
};

void guests_search(struct request *request, const struct filter *filter);

#endif
