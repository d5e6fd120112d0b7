/* Accounts, API tokens, and the step that identifies callers. */
#ifndef EINLASS_FEATURES_ACCOUNT_ACCOUNT_H
#define EINLASS_FEATURES_ACCOUNT_ACCOUNT_H

#include "command.h"
#include "features/feature.h"

extern const struct feature feature_account;

extern const struct command command_account_add, command_account_link, command_account_unlock;

#endif
