/*
 * Somebody is at the door without a ticket: GET /api/v1/events/{event}/attendees?q= for devices.
 *
 *     {"attendees": [{"id", "name", "ticket_type", "ticket_type_title", "status", "present",
 * "first_admitted_at", "answers": [{"label", "text"}]}], "more": false}
 *
 * The best 20, those whose name holds what was typed first; "more": there are others. A phone at a
 * door is easily lost, so it finds people only by at least three letters of what it may see: their
 * name and the answers that the event marks for the door. Neither addresses nor other answers are
 * shown, nor does searching for them find anybody.
 */
#ifndef EINLASS_FEATURES_ATTENDEE_GUESTS_H
#define EINLASS_FEATURES_ATTENDEE_GUESTS_H

struct request;

enum {
    GUESTS_LETTERS_LEAST = 3,    /* limit: letters that a device's search needs */
    GUESTS_MOST = 20,            /* limit: attendees that a device's search shows */
    GUESTS_LOOKED_AT_MOST = 400, /* limit: attendees that a device's search looks at */
};

void guests_handle(struct request *request);

#endif
