/* The page of the sign-up form. It needs no JavaScript. After an error it shows the typed values,
 * and a list of errors with links to their fields. Buttons add and remove people. Its idempotency
 * key makes sure that a form registers once. */
#ifndef EINLASS_FEATURES_REGISTRATION_REGISTER_PAGE_H
#define EINLASS_FEATURES_REGISTRATION_REGISTER_PAGE_H

/* Also the number of such forms at once. */
enum {
    REGISTER_PAGE_ATTEMPTS_AN_HOUR =
        30, /* limit: forms with one address for one event, of a worker */
};

struct request;

/* GET /events/{event}/register; ?code= is an access code */
void register_page_show(struct request *request);

/* POST /events/{event}/register */
void register_page_send(struct request *request);

#endif
