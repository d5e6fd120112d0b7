/*
 * The stamp in a sign-up form: when it was first shown, signed. It keeps programs away that send
 * the form without looking at it, and it is the form's idempotency key: it stays the same while the
 * form comes back with mistakes or with one person more, and registers once.
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

/* Whether a form with this stamp (NULL: it had none) is sent in good time. */
bool form_stamp_is_good(const struct keyring *keyring, const struct id *event_id, const char *stamp,
                        int64_t now_us);

/* The stamp of the form that is shown next: the earlier one as long as it can become good, else
 * (`is_used`: it has registered already) a new one. Who was late need not wait another time. */
void form_stamp_next(const struct keyring *keyring, const struct id *event_id, const char *earlier,
                     bool is_used, int64_t now_us, char ret_stamp[SECRET_STAMP_TEXT_BYTES]);

#endif
