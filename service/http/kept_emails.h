/* Pages ask once whether another address is meant where one looks mistyped (base/email_meant.h),
 * with a button for each answer (form/email_meant.html). These are the fields of those buttons. */
#ifndef EINLASS_HTTP_KEPT_EMAILS_H
#define EINLASS_HTTP_KEPT_EMAILS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/memory.h"

/* Takes the fields out of the typed values and does what they say. Returns the addresses that are
 * meant as they were typed, a new reference. */
json_t *kept_emails_take(struct arena *arena, json_t *typed);

/* Whether the list has the address, which is of email_parse(). */
bool kept_emails_have(const json_t *kept, const char *address);

#endif
