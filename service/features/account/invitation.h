/*
 * Invitations into a team, as the invited person sees them: by the link of one, or signed in with
 * its address. Reading the page changes nothing, because programs that check mail open links.
 */
#ifndef EINLASS_FEATURES_ACCOUNT_INVITATION_H
#define EINLASS_FEATURES_ACCOUNT_INVITATION_H

struct request;

void invitations_show(struct request *request);
void invitations_accept(struct request *request);
void invitations_decline(struct request *request);

#endif
