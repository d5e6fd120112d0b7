/* The definition of an event by API: the event file as a resource, with its version as the entity
 * tag (RFC 9110, sections 8.8.3 and 13.1.1). */
#ifndef EINLASS_FEATURES_PUBLISHING_DEFINITION_H
#define EINLASS_FEATURES_PUBLISHING_DEFINITION_H

struct request;

void definition_show(struct request *request); /* GET, ?version= for an earlier one */
void definition_put(
    struct request *request); /* PUT, If-Match: a version; ?trial=1 writes nothing */

#endif
