/* Letters with a link to sign in, or to accept an invitation into a team. */
#ifndef EINLASS_FEATURES_ACCOUNT_SIGN_IN_MAIL_H
#define EINLASS_FEATURES_ACCOUNT_SIGN_IN_MAIL_H

struct worker;

void sign_in_mail_start(struct worker *worker);
void sign_in_mail_stop(struct worker *worker);

#endif
