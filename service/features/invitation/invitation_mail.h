/*
 * The mails of invitations, as a kind of job (jobs/job.h). The first worker of each process leases
 * mails that are due and sends them to the mail server. After a temporary error a mail is retried
 * with backoff for three days. Without a mail server they stay queued.
 */
#ifndef EINLASS_FEATURES_INVITATION_INVITATION_MAIL_H
#define EINLASS_FEATURES_INVITATION_INVITATION_MAIL_H

struct worker;

void invitation_mail_start(struct worker *worker);
void invitation_mail_stop(struct worker *worker);

#endif
