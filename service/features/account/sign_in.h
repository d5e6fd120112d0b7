/* Signing in at the desk, and out. */
#ifndef EINLASS_FEATURES_ACCOUNT_SIGN_IN_H
#define EINLASS_FEATURES_ACCOUNT_SIGN_IN_H

struct request;

/* The page asks for an address and a password, or for the code of a session that has no more than
 * the password. A form with `code` is such a code; a form with `link` asks for a link by mail. */
void sign_in_show(struct request *request);
void sign_in_handle(struct request *request);

void sign_out_handle(struct request *request);

/* A link that signs in. Showing its page does not use it up, because programs that check mail open
 * links; the button of the page does. */
void sign_in_link_show(struct request *request);
void sign_in_link_use(struct request *request);

#endif
