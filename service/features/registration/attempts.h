/*
 * How often somebody sends the sign-up form with one address to one event: more than a person does
 * is put off, so that nobody's mailbox is filled through us. Each worker remembers a bounded number
 * of addresses, by a hash and in memory only; when there are more, those of whom nothing was heard
 * for longest are forgotten.
 */
#ifndef EINLASS_FEATURES_REGISTRATION_ATTEMPTS_H
#define EINLASS_FEATURES_REGISTRATION_ATTEMPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"

enum {
    ATTEMPTS_MOST = 30, /* of an address and event at once */
    ATTEMPTS_AN_HOUR = 30,
    ATTEMPTS_ADDRESSES_MOST = 8192, /* that a worker remembers */
};

struct attempts;

struct attempts *attempts_create(void);
void attempts_destroy(struct attempts *attempts); /* takes NULL */

/* Counts one, unless there were too many: then false. The key of an address is email.h's. */
bool attempts_allow(struct attempts *attempts, const struct id *event_id, const char *email_key,
                    int64_t now_us);

#endif
