/*
 * The stamp in a sign-up form is the signed time of its first display. It stops programs that send
 * the form too early. It is also the idempotency key of the form: it stays the same while the form
 * is shown again, so the form registers once.
 */
#ifndef EINLASS_FEATURES_REGISTRATION_FORM_STAMP_H
#define EINLASS_FEATURES_REGISTRATION_FORM_STAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "security/secret.h"

enum {
    FORM_LEAST_S = 2,        /* limit: least time to fill in the sign-up form */
    FORM_MOST_S = 24 * 3600, /* limit: most time to fill in the sign-up form */
};

struct keyring;

/* Whether a form with this stamp (NULL: none) is neither too early nor too late. */
bool form_stamp_is_good(const struct keyring *keyring, const struct id *event_id, const char *stamp,
                        int64_t now_us);

/* The stamp of the form that is shown next: the earlier stamp if it can still become good, else a
 * new one. `is_used`: the earlier stamp has registered. After a late form, the new stamp is good at
 * once. */
void form_stamp_next(const struct keyring *keyring, const struct id *event_id, const char *earlier,
                     bool is_used, int64_t now_us, char ret_stamp[SECRET_STAMP_TEXT_BYTES]);

#endif
