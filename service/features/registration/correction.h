/* Correcting a registration: its language, its attendees' names, addresses and answers. */
#ifndef EINLASS_FEATURES_REGISTRATION_CORRECTION_H
#define EINLASS_FEATURES_REGISTRATION_CORRECTION_H

struct errand;

/* Reads {"language", "attendees": [{"id", "name", "email", "answers"}]} from the errand's body,
 * checks it against the registration as it is, and writes it. */
void correction_begin(struct errand *errand);

#endif
