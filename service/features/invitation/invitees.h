/* The list of the invited, and one of them. */
#ifndef EINLASS_FEATURES_INVITATION_INVITEES_H
#define EINLASS_FEATURES_INVITATION_INVITEES_H

struct request;
struct worker;

/* GET /events/{event}/invitations: ?state=, ?q= and ?page= */
void invitees_list(struct request *request);

/* The same as CSV, all of it. */
void invitees_file(struct request *request);

void invitees_show(struct request *request);
/* POST /events/{event}/invitations/{invitation}: corrects name and address before anybody has the
 * link. */
void invitees_correct(struct request *request);

void invitees_withdraw(struct request *request);

/* Deletes the invitations of events whose data is no longer kept. */
void invitees_forget(struct worker *worker);

#endif
