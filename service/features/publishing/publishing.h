/* The feature publishing: drafts become public, close, are cancelled, copied and brought back; and
 * the definition as a file. Its pages are those beside the editor's. */
#ifndef EINLASS_FEATURES_PUBLISHING_PUBLISHING_H
#define EINLASS_FEATURES_PUBLISHING_PUBLISHING_H

#include "features/feature.h"

extern const struct feature feature_publishing;

#endif
