/* The pages of a ticket, and the public keys that verify tickets. */
#ifndef EINLASS_FEATURES_TICKET_TICKET_FEATURE_H
#define EINLASS_FEATURES_TICKET_TICKET_FEATURE_H

#include "command.h"
#include "features/feature.h"

extern const struct feature feature_ticket;

/* ticket verify: reads a token on standard input, writes its claims to standard output. */
extern const struct command command_ticket_verify;

/* keys rotate, keys accept */
extern const struct command command_keys_rotate, command_keys_accept;

#endif
