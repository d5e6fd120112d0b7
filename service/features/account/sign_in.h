/* Signing in at the desk. */
#ifndef EINLASS_FEATURES_ACCOUNT_SIGN_IN_H
#define EINLASS_FEATURES_ACCOUNT_SIGN_IN_H

struct request;

/* A link that signs in. Showing its page does not use it up, because programs that check mail open
 * links; the button of the page does. */
void sign_in_link_show(struct request *request);
void sign_in_link_use(struct request *request);

#endif
