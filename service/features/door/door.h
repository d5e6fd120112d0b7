/* Doors: checking in, the devices that do it, and the commands that make them. */
#ifndef EINLASS_FEATURES_DOOR_DOOR_H
#define EINLASS_FEATURES_DOOR_DOOR_H

#include "command.h"
#include "features/feature.h"

extern const struct feature feature_door;

extern const struct command command_door_pair, command_door_list, command_door_unpair,
    command_door_change;

#endif
