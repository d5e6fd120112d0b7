/* The feature operations: health, readiness, metrics and the description of the API. */
#ifndef EINLASS_FEATURES_OPERATIONS_OPERATIONS_H
#define EINLASS_FEATURES_OPERATIONS_OPERATIONS_H

#include "command.h"
#include "features/feature.h"

extern const struct feature feature_operations;
extern const struct command command_routes;

#endif
