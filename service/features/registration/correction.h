/* Corrects the language and address of a registration, and its attendees' names, addresses,
 * answers. */
#ifndef EINLASS_FEATURES_REGISTRATION_CORRECTION_H
#define EINLASS_FEATURES_REGISTRATION_CORRECTION_H

struct errand;

/*
 * Reads {"version", "language", "email", "attendees": [{"id", "name", "email", "answers"}]} from
 * the request's body, checks it against the registration, and writes it. If the registration
 * changes meanwhile, it reads and checks again. If the body has an old version, it answers 409
 * not_current. Answers that are not given stay (answers_correct).
 *
 * Organisers may always correct. Attendees may correct until the event's changes_until (409
 * too_late_to_change), and may change the address until it is verified (409 address_settled).
 */
void correction_begin(struct errand *errand);

#endif
