/* Mails to the invited: to everybody who has none yet, reminders, or to one person. A page says
 * first how many get it, and shows the mail. */
#ifndef EINLASS_FEATURES_INVITATION_SENDING_H
#define EINLASS_FEATURES_INVITATION_SENDING_H

struct request;

void sending_show_invitation(struct request *request);
void sending_show_reminder(struct request *request);
void sending_send_invitation(struct request *request);
void sending_send_reminder(struct request *request);

/* POST /events/{event}/invitations/{invitation}/send: the first mail, or else a reminder. */
void sending_send_one(struct request *request);

/* The mail as its first reader gets it, in a frame of the page. */
void sending_preview(struct request *request);

#endif
