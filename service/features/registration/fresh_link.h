/* A new manage link by mail, for those whose link somebody else has seen. The old one ends. */
#ifndef EINLASS_FEATURES_REGISTRATION_FRESH_LINK_H
#define EINLASS_FEATURES_REGISTRATION_FRESH_LINK_H

struct request;

void fresh_link_show(struct request *request); /* GET /registrations/{registration}/new-link */
void fresh_link_send(struct request *request); /* POST; the answer does not have the new link */

#endif
