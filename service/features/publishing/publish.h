/* The page Publish: where the event stands, what is missing, and the preview for colleagues. */
#ifndef EINLASS_FEATURES_PUBLISHING_PUBLISH_H
#define EINLASS_FEATURES_PUBLISHING_PUBLISH_H

struct request;

/* The page of the organiser's profile with the privacy notice, in the arena. NULL: the caller may
 * not change it. */
const char *publish_profile_link(struct request *request);

void publish_show(struct request *request);
void publish_preview(struct request *request); /* the event's page in frames */
void publish_make_link(struct request *request);
void publish_revoke_link(struct request *request);

#endif
