/* The routes of sign-ups, walk-ins and registrations. */
#ifndef EINLASS_FEATURES_REGISTRATION_REGISTRATION_FEATURE_H
#define EINLASS_FEATURES_REGISTRATION_REGISTRATION_FEATURE_H

#include "features/feature.h"

extern const struct feature feature_registration;

#endif
