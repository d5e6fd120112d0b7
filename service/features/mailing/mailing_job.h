/*
 * Mailings that are being sent, as a kind of job (jobs/job.h). The first worker of each process
 * leases those that are due. The first run writes down the recipients, a page of people in a
 * transaction. Each run then puts one portion of messages into the outbox and ends; the next run
 * comes a second later and fills up what has gone out. So only a portion waits in the outbox, where
 * letters to one person go first, and stopping takes back a portion at most.
 */
#ifndef EINLASS_FEATURES_MAILING_MAILING_JOB_H
#define EINLASS_FEATURES_MAILING_MAILING_JOB_H

#include "jobs/job.h"

enum {
    MAILING_UNDER_WAY_MOST = 4, /* slots of a process */
    MAILING_POLL_MS = 500,
    MAILING_LEASE_S = 60,
    MAILING_GIVE_UP_HOURS = 72,
    MAILING_STOP_GRACE_S = 5,
    MAILING_LISTED_MOST = 2000, /* people whose addresses are written down in a transaction */
    MAILING_PORTION_MOST = 500, /* limit: mails of one group mail that wait in the outbox at once */
};

extern const struct job_kind mailing_jobs;

#endif
