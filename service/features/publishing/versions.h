/* The versions of an event in words, compared, and brought back. */
#ifndef EINLASS_FEATURES_PUBLISHING_VERSIONS_H
#define EINLASS_FEATURES_PUBLISHING_VERSIONS_H

struct request;

void versions_show(struct request *request);    /* ?before=: older ones */
void versions_compare(struct request *request); /* one version with ?with=, by default the newest */
void versions_bring_back(struct request *request);

#endif
