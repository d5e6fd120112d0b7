/* JSON of the values in views. Each json_t is a new reference. */
#ifndef EINLASS_HTTP_VIEW_H
#define EINLASS_HTTP_VIEW_H

#include <jansson.h>

#include "db/values.h"

/* Null for the zero id. */
json_t *view_id(const struct id *id);

/* RFC 3339 in UTC; null for 0. */
json_t *view_time(int64_t at_us);

/* The same for a column. */
json_t *view_id_of(const struct rows *rows, int row, const char *column);
json_t *view_time_of(const struct rows *rows, int row, const char *column);
json_t *view_number_of(const struct rows *rows, int row, const char *column);

/* Returns NULL for null. The text lives as long as the rows. */
const char *view_text_of(const struct rows *rows, int row, const char *column);

#endif
