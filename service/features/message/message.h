/* The feature message: mail to guests and its states. */
#ifndef EINLASS_FEATURES_MESSAGE_MESSAGE_H
#define EINLASS_FEATURES_MESSAGE_MESSAGE_H

#include "command.h"
#include "features/feature.h"

extern const struct feature feature_message;
extern const struct command command_message_list;

#endif
