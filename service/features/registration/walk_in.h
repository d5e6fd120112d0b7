/*
 * Somebody stands at the door and has no ticket: registered in one go, with what the event asks of
 * everybody. Whom a sign-up would hold up (before registration opens, without an access code,
 * before an approval) it lets through, as somebody looks at them; places and required answers it
 * keeps to. Over the capacity it goes only with a reason, which stays in the audit log.
 * All the rest is as for a sign-up (sign_up.h).
 */
#ifndef EINLASS_FEATURES_REGISTRATION_WALK_IN_H
#define EINLASS_FEATURES_REGISTRATION_WALK_IN_H

enum {
    WALK_INS_MOST = 200,    /* limit: walk-ins of one caller at once, of a worker */
    WALK_INS_AN_HOUR = 240, /* limit: walk-ins of one caller, of a worker */
};

struct request;

/*
 * POST /api/v1/events/{event}/walk-ins {"name", "email", "ticket_type", "language", "answers",
 * "consents", "over_capacity", "reason"}: 201 with the registration, which holds the ticket; its
 * manage link is for managers and owners.
 */
void walk_in_handle(struct request *request);

#endif
