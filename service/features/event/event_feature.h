/* The feature event: pages, lists and commands of events. */
#ifndef EINLASS_FEATURES_EVENT_EVENT_FEATURE_H
#define EINLASS_FEATURES_EVENT_EVENT_FEATURE_H

#include "command.h"
#include "features/feature.h"

extern const struct feature feature_event;
extern const struct command command_event_apply, command_event_show, command_event_list,
    command_event_history, command_event_diff;

#endif
