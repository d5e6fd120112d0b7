/* What an organiser does with an event as a whole: publish it, take it back, close or open the
 * sign-up, cancel it, or let it take place after all. */
#ifndef EINLASS_FEATURES_PUBLISHING_ACTS_H
#define EINLASS_FEATURES_PUBLISHING_ACTS_H

#include <jansson.h>

#include "event/event.h"

struct request;

/* Returns the acts that the event offers now, {"publish": true, …}, a new reference. */
json_t *acts_offered(const struct event *event, int64_t now_us);

void acts_ask(struct request *request); /* GET …/publish/{act}: says what guests will see */
void acts_do(struct request *request);  /* POST */

#endif
