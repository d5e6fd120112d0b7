/*
 * Reads lists and adds their people in the background, as a kind of job (jobs/job.h). The first
 * worker of each process leases lists. It works in portions, so sign-ups and check-ins go on
 * between two of them. A list is read on from where its last stored line ended. A person is
 * registered under an id that is a function of the line, so a portion that runs again after a crash
 * registers nobody twice.
 */
#ifndef EINLASS_FEATURES_IMPORT_IMPORT_JOB_H
#define EINLASS_FEATURES_IMPORT_IMPORT_JOB_H

#include "jobs/job.h"

enum {
    IMPORT_UNDER_WAY_MOST = 2, /* slots of a process */
    IMPORT_POLL_MS = 500,
    IMPORT_LEASE_S = 60,
    IMPORT_GIVE_UP_HOURS = 24,
    IMPORT_STOP_GRACE_S = 5,
    IMPORT_STALE_MOST = 5, /* changes of the event during one portion */
    IMPORT_SWEEP_EVERY_MS = 60000,
    IMPORT_SWEEP_MOST = 5,
};

extern const struct job_kind import_jobs;

/* Deletes old lists. */
void import_job_sweep(struct worker *worker);

#endif
