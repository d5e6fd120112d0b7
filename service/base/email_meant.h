/* Addresses that are probably mistyped: "ada@gmial.com". */
#ifndef EINLASS_BASE_EMAIL_MEANT_H
#define EINLASS_BASE_EMAIL_MEANT_H

#include "base/memory.h"

/*
 * Returns the address with the domain of a great mail provider that its own domain is one slip away
 * from: two letters exchanged, one too many, too few or wrong. NULL: the domain is such a
 * provider's itself, or resembles none. It is a guess, so people must be able to say no. `address`
 * is of email_parse(). The result lives in the arena.
 */
const char *email_meant(struct arena *arena, const char *address);

#endif
