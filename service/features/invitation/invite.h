/* Puts people on the list of the invited: pasted lines, or a list of people by the API. */
#ifndef EINLASS_FEATURES_INVITATION_INVITE_H
#define EINLASS_FEATURES_INVITATION_INVITE_H

struct request;

void invite_show(struct request *request);

/* POST /events/{event}/invitations/add: {"text", "ticket_type", "language", "good_for"}, or
 * {"people":
 * [{"name", "email", "ticket_type", "language", "good_for"}]}. */
void invite_take(struct request *request);

#endif
