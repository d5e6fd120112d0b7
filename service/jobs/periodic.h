/* Work that comes again and again: one row each, in the table of its feature. */
#ifndef EINLASS_JOBS_PERIODIC_H
#define EINLASS_JOBS_PERIODIC_H

#include <stdbool.h>

#include "worker.h"

struct periodic {
    void (*run)(struct worker *worker); /* on the worker's loop; it does not block */
    int every_ms;
    /* False: only on the first worker of each process. Several processes do the work at the same
     * time, so its statement must do no harm when it runs twice. */
    bool on_all_workers;
};

/* Starts the rows of a table that ends with a row without `run`; NULL: it has none. The first run
 * comes after every_ms, and the last one before worker_end_states(). */
void periodic_start(struct worker *worker, const struct periodic *rows);

#endif
