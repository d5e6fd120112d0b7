/* The command `einlass check`. */
#ifndef EINLASS_CHECK_H
#define EINLASS_CHECK_H

#include "base/memory.h"
#include "config.h"

/* Checks everything that serve needs: settings, keys, wordings, a migrated and durable database
 * that belongs to the keys and has nobody who is erased and, if set, the mail server. */
int check_run(const struct config *config, int argc, char **argv);

MUST_CHECK bool check_mail_settings(const struct config *config, struct buffer *ret_error);

#endif
