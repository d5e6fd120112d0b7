/* Periodic work: rows in the table of a feature. */
#ifndef EINLASS_JOBS_PERIODIC_H
#define EINLASS_JOBS_PERIODIC_H

#include <stdbool.h>

#include "worker.h"

struct periodic {
    void (*run)(struct worker *worker); /* on the worker's loop; must not block */
    int every_ms;
    /* False: only on the first worker of each process. Other processes do the work at the same
     * time, so its statement must be safe to run twice. */
    bool on_all_workers;
    /* What it does cannot be undone, and the clock of the database decides when. So it pauses after
     * that clock jumped ahead (db_clock.h). */
    bool waits_after_jump;
};

/* Starts the rows of a table that ends with a row without `run`. NULL: no rows. The first run comes
 * after every_ms, and the last one before worker_end_states(). */
void periodic_start(struct worker *worker, const struct periodic *rows);

#endif
