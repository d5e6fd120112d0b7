/* The page of the sign-up form. It needs no JavaScript. After an error it shows the typed values,
 * and a list of errors with links to their fields. Buttons add and remove people. Its idempotency
 * key makes sure that a form registers once. */
#ifndef EINLASS_FEATURES_REGISTRATION_REGISTER_PAGE_H
#define EINLASS_FEATURES_REGISTRATION_REGISTER_PAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "event/event.h"
#include "security/secret.h"

struct keyring;
struct request;

/* GET /events/{event}/register; ?code= is an access code */
void register_page_show(struct request *request);

/* POST /events/{event}/register */
void register_page_send(struct request *request);

/*
 * The stamp in a sign-up form is the signed time of its first display. It stops programs that send
 * the form too early. It is also the idempotency key of the form: it stays the same while the form
 * is shown again, so the form registers once.
 */

enum {
    FORM_LEAST_S = 2,        /* limit: least time to fill in the sign-up form */
    FORM_MOST_S = 24 * 3600, /* limit: most time to fill in the sign-up form */
};

/* Whether a form with this stamp (NULL: none) is neither too early nor too late. */
bool form_stamp_is_good(const struct keyring *keyring, const struct id *event_id, const char *stamp,
                        int64_t now_us);

/* The stamp of the form that is shown next: the earlier stamp if it can still become good, else a
 * new one. `is_used`: the earlier stamp has registered. After a late form, the new stamp is good at
 * once. */
void form_stamp_next(const struct keyring *keyring, const struct id *event_id, const char *earlier,
                     bool is_used, int64_t now_us, char ret_stamp[SECRET_STAMP_TEXT_BYTES]);

/* The buttons of the sign-up form: they add and remove people, and check an access code. */

/* The name of a hidden field: programs fill it in, browsers do not. */
#define FORM_TRAP "subject"

struct form_steps {
    bool unfinished; /* a button was pressed: show the form again */
    bool applied;    /* because of the code: it was tried, or opens more than was offered */
    bool trapped;    /* the hidden field was filled in */
};

/* Removes the fields of the buttons from the typed values, and performs their actions. `code` is
 * the cleaned access code; NULL: none, or a wrong one. */
struct form_steps form_steps_take(const struct event *event, json_t *typed, const char *code);

#endif
