/* The page of somebody who is invited, by the link in the letter: to say no, or to change one's
 * mind. */
#ifndef EINLASS_FEATURES_INVITATION_ANSWER_H
#define EINLASS_FEATURES_INVITATION_ANSWER_H

struct request;

/* GET /events/{event}/invitations/{invitation}, which changes nothing: scanners of mail follow
 * links. */
void answer_show(struct request *request);

/* POST /events/{event}/invitations/{invitation}/decline */
void answer_decline(struct request *request);

#endif
