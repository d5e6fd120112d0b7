/* Single cells of rows as JSON, the way the API writes them. New references. */
#ifndef EINLASS_FEATURES_DOOR_CELLS_H
#define EINLASS_FEATURES_DOOR_CELLS_H

#include <jansson.h>

#include "db/rows.h"

json_t *cell_id(const struct rows *rows, int row, const char *column);

/* NULL for null. */
const char *cell_text(const struct rows *rows, int row, const char *column);

/* RFC 3339 in UTC; null for null. */
json_t *cell_time(const struct rows *rows, int row, const char *column);

#endif
