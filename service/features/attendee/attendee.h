/* The attendee list: search, filters, pages and exports. */
#ifndef EINLASS_FEATURES_ATTENDEE_ATTENDEE_H
#define EINLASS_FEATURES_ATTENDEE_ATTENDEE_H

#include "command.h"
#include "features/feature.h"

extern const struct feature feature_attendee;

/* attendees export EVENT --format csv|jsonl */
extern const struct command command_attendees_export;

#endif
