/* Correcting a registration: its language, its address, its attendees' names, addresses and
 * answers. */
#ifndef EINLASS_FEATURES_REGISTRATION_CORRECTION_H
#define EINLASS_FEATURES_REGISTRATION_CORRECTION_H

struct errand;

/*
 * Reads {"version", "language", "email", "attendees": [{"id", "name", "email", "answers"}]} from
 * the errand's body, checks it against the registration as it is, and writes it if nothing changed
 * it in between; otherwise it looks again. Whoever says a version is answered 409 not_current when
 * it is another by now. Answers of a form are all there are; those of the API are merged.
 *
 * Attendees may do so until the event's changes_until (409 too_late_to_change), and give another
 * address until theirs was verified (409 address_settled). Organisers always may.
 */
void correction_begin(struct errand *errand);

#endif
