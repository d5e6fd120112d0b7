/*
 * A walk-in is a guest without a ticket whom staff register at the door. It differs from a sign-up
 * (sign_up.h): it needs no open registration, no access code and no approval, because staff see the
 * guest. With a reason, which the audit log keeps, it may exceed the capacity.
 */
#ifndef EINLASS_FEATURES_REGISTRATION_WALK_IN_H
#define EINLASS_FEATURES_REGISTRATION_WALK_IN_H

struct request;

/* POST /api/v1/events/{event}/walk-ins {"name", "email", "ticket_type", "language", "answers",
 * "consents", "over_capacity", "reason"}: 201 with the registration and its ticket. Only managers
 * and owners get its manage link. */
void walk_in_handle(struct request *request);

#endif
