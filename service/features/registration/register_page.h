/*
 * The sign-up form as a page without JavaScript. What was typed stays when something is wrong; the
 * mistakes are listed on top, each linked to its field. Buttons of the form add and remove
 * colleagues. The form carries an idempotency key: sent twice, it registers once.
 */
#ifndef EINLASS_FEATURES_REGISTRATION_REGISTER_PAGE_H
#define EINLASS_FEATURES_REGISTRATION_REGISTER_PAGE_H

enum {
    REGISTER_PAGE_ATTEMPTS_AN_HOUR =
        30, /* limit: forms with one address for one event, of a worker */
};          /* with one address at one event, and as many at once */

struct request;

/* GET /events/{event}/register; ?code= opens ticket types with an access code */
void register_page_show(struct request *request);

/* POST /events/{event}/register */
void register_page_send(struct request *request);

#endif
