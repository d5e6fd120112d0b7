/* The feature door: check-ins, the devices that scan, and their commands. */
#ifndef EINLASS_FEATURES_DOOR_DOOR_H
#define EINLASS_FEATURES_DOOR_DOOR_H

#include "command.h"
#include "features/feature.h"

extern const struct feature feature_door;

extern const struct command command_door_pair, command_door_list, command_door_unpair,
    command_door_change;

#endif
