/* The ticket as its holder sees it, and the keys by which others check it. */
#ifndef EINLASS_FEATURES_TICKET_TICKET_FEATURE_H
#define EINLASS_FEATURES_TICKET_TICKET_FEATURE_H

#include "command.h"
#include "features/feature.h"

extern const struct feature feature_ticket;

/* ticket verify: a token on standard input, its claims on standard output. */
extern const struct command command_ticket_verify;

/* keys rotate */
extern const struct command command_keys_rotate;

#endif
