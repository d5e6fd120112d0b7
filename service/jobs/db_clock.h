/*
 * Watches the clock of the database. By this clock leases end and work becomes due. It jumps if
 * somebody sets it, or if a server with another clock takes over. After a jump ahead, leases look
 * as if they had ended, and the day looks as if it were over.
 */
#ifndef EINLASS_JOBS_DB_CLOCK_H
#define EINLASS_JOBS_DB_CLOCK_H

#include <stdint.h>

#include "db/db.h"
#include "worker.h"

enum {
    DB_CLOCK_LOOK_MS = 1000,  /* between two looks */
    DB_CLOCK_STEP_MOST_S = 5, /* a smaller step is no jump: a lease is longer */
    DB_CLOCK_AHEAD_S = 60,    /* a smaller jump ends nothing too early */
    DB_CLOCK_PAUSE_S =
        3600, /* limit: pause of what cannot be undone, after the clock jumped ahead */
};

/* Looks from now on. `ask` makes the params of a statement that gives `now`. Without this call the
 * worker takes the clock for steady. */
void db_clock_watch(struct worker *worker, struct params *(*ask)(void));

/* Returns the time of the database until which a claim may believe that leases have ended. It is 0
 * for lease_s seconds after a jump: meanwhile each living owner renews its lease by the new time.
 */
int64_t db_clock_believed_until_us(struct worker *worker, int lease_s);

/* Looks at the clock, then runs. Does not run within DB_CLOCK_PAUSE_S after a jump ahead, unless
 * the clock was set back since. */
void db_clock_run(struct worker *worker, void (*run)(struct worker *worker));

#endif
