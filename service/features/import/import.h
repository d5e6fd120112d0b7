/* A list of people becomes registrations: upload, what the columns mean, check, add. */
#ifndef EINLASS_FEATURES_IMPORT_IMPORT_H
#define EINLASS_FEATURES_IMPORT_IMPORT_H

#include "features/feature.h"

extern const struct feature feature_import;
extern const struct command command_attendees_import;

#endif
