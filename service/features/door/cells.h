/* Cells of rows as the API writes them. Each JSON value is a new reference. */
#ifndef EINLASS_FEATURES_DOOR_CELLS_H
#define EINLASS_FEATURES_DOOR_CELLS_H

#include <jansson.h>

#include "db/values.h"

json_t *cell_id(const struct rows *rows, int row, const char *column);

/* Returns NULL for null. The text lives as long as the rows. */
const char *cell_text(const struct rows *rows, int row, const char *column);

/* RFC 3339 in UTC; null for null. */
json_t *cell_time(const struct rows *rows, int row, const char *column);

#endif
