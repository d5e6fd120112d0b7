/*
 * Sends the letters of a kind of job. A job's run makes its letter and ends with mailer_send().
 * Each kind has a mailer of its own with connections of its own, so that one kind does not hold up
 * another.
 */
#ifndef EINLASS_EVENT_MAILER_H
#define EINLASS_EVENT_MAILER_H

#include "jobs/job.h"
#include "mail/letter.h"
#include "statements.h"

struct mailer;

/* For a worker_slot, one for each kind. */
void *mailer_create(struct worker *worker);

/* Claims jobs while the loop runs, on the first worker of a process with a mail server. parallel:
 * connections (mail/carrier.h); 0: the usual number. */
void mailer_start(struct mailer *mailer, struct worker *worker, const struct job_kind *kind,
                  int parallel);

/* Awaits what is under way, for a bounded time, and puts the rest back. */
void mailer_stop(struct mailer *mailer);

/* Sends the letter, which may be freed after the call, and ends the job with the outcome. */
void mailer_send(struct mailer *mailer, struct job *job, const struct letter *letter);

/* How many jobs have ended in this state. */
uint64_t mailer_count(const struct mailer *mailer, enum job_state state);

/* The state of a job as the tables of mails have it. */
enum message_state mailer_message_state(enum job_state state);

#endif
