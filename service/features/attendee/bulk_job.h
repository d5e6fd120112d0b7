/*
 * Changes of many attendees, as a kind of job (jobs/job.h). The first worker of each process leases
 * confirmed bulk actions and does them in portions. Each portion is a short transaction under the
 * lock on the event's tally, so sign-ups and check-ins go on between two portions. The database
 * notes each person's outcome in the transaction of the change. So a crash loses nothing, and two
 * workers with one action change nobody twice.
 */
#ifndef EINLASS_FEATURES_ATTENDEE_BULK_JOB_H
#define EINLASS_FEATURES_ATTENDEE_BULK_JOB_H

#include "jobs/job.h"

enum {
    BULK_UNDER_WAY_MOST = 4, /* slots of a process */
    BULK_POLL_MS = 500,
    BULK_LEASE_S = 60,
    BULK_GIVE_UP_HOURS = 72,
    BULK_STOP_GRACE_S = 5,
    BULK_PORTION_MOST = 50, /* registrations of a portion */
    BULK_PORTION_MS = 50,   /* time that a portion may hold the lock */
    BULK_SWEEP_EVERY_MS = 60000,
    BULK_SWEEP_MOST = 5,
};

extern const struct job_kind bulk_jobs;

/* Deletes old drafts and old outcomes. */
void bulk_job_sweep(struct worker *worker);

#endif
