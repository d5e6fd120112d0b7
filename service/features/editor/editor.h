/* The editor of an event: pages on which organisers say everything that the event file can say. */
#ifndef EINLASS_FEATURES_EDITOR_EDITOR_H
#define EINLASS_FEATURES_EDITOR_EDITOR_H

#include "features/feature.h"

extern const struct feature feature_editor;

#endif
