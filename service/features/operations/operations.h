/* What those who run the service ask it: is it alive, is it ready, what does it do. */
#ifndef EINLASS_FEATURES_OPERATIONS_OPERATIONS_H
#define EINLASS_FEATURES_OPERATIONS_OPERATIONS_H

#include "command.h"
#include "features/feature.h"

extern const struct feature feature_operations;
extern const struct command command_routes;

#endif
