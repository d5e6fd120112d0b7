/* Accounts, API tokens, and the step that identifies callers. */
#ifndef EINLASS_FEATURES_ACCOUNT_ACCOUNT_H
#define EINLASS_FEATURES_ACCOUNT_ACCOUNT_H

#include "command.h"
#include "features/feature.h"

#define ACCOUNT_TOKEN_PREFIX "einlass_api_"

extern const struct feature feature_account;

extern const struct command command_account_add, command_account_link, command_account_unlock,
    command_token_add, command_token_list, command_token_revoke;

#endif
