/* What the pages of an event say if the DNS does not vouch for the sender of its mails. */
#ifndef EINLASS_EVENT_SENDER_PROBLEM_H
#define EINLASS_EVENT_SENDER_PROBLEM_H

#include <jansson.h>

#include "http/request.h"

/* {"sentence", "href"} of the first record that is missing or odd, a new reference. Null: there is
 * none, or the DNS was not asked yet: then it is asked for the next page. */
json_t *sender_problem(struct request *request);

#endif
