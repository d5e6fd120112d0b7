/* The metrics of the database. */
#ifndef EINLASS_DB_MEASURE_H
#define EINLASS_DB_MEASURE_H

#include "base/gauges.h"
#include "db/batch.h"
#include "db/db.h"

/* Adds einlass_db_…: connections, queries, the schema's version. */
void measure_db(const struct db *db, struct gauges *gauges);

/* Adds einlass_batch_… with the kind's name as the label `batch`. */
void measure_batcher(const struct batcher *batcher, struct gauges *gauges);

#endif
