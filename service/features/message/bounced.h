/* Mails that came back: what a mail server passes on is read, and the message it is about marked.
 */
#ifndef EINLASS_FEATURES_MESSAGE_BOUNCED_H
#define EINLASS_FEATURES_MESSAGE_BOUNCED_H

#include "command.h"
#include "http/request.h"

enum { BOUNCED_BODY_BYTES = 1024 * 1024 }; /* limit: body of a report that a mail came back */

/* POST /api/v1/messages/bounced: the body is the mail. Answers {"outcome", "of", "message"}, as
 * docs/openapi.yaml tells. */
void bounced_report(struct request *request);

/* einlass message bounced [EVENT] */
extern const struct command command_message_bounced;

#endif
