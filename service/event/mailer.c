#include "event/mailer.h"

#include <sys/queue.h>

#include "base/log.h"
#include "mail/carrier.h"
#include "worker.h"

/* A letter with the carrier, in the arena of its job. */
struct sending {
    LIST_ENTRY(sending) others;
    struct job *job;
};

struct mailer {
    struct carrier *carrier; /* NULL, and queue NULL: it sends none */
    struct job_queue *queue;
    LIST_HEAD(, sending) with_carrier;
};

void *mailer_create(struct worker *worker)
{
    (void)worker;
    return memory_alloc(sizeof(struct mailer));
}

void mailer_start(struct mailer *mailer, struct worker *worker, const struct job_kind *kind,
                  int parallel)
{
    const struct carrier_options options = {
        .loop = worker->loop, .smtp = worker->config->smtp, .parallel = parallel};
    struct buffer error;
    if (worker->index != 0 || *worker->config->smtp == '\0')
        return;
    buffer_init(&error);
    mailer->carrier = carrier_create(&options, &error);
    if (mailer->carrier)
        mailer->queue = job_queue_create(worker, kind);
    else
        log_event(LOG_ERROR, "mail_not_possible", log_text("reason", buffer_text(&error)));
    buffer_finish(&error);
}

void mailer_stop(struct mailer *mailer)
{
    struct sending *sending;
    if (!mailer->queue)
        return;
    carrier_stop(mailer->carrier);
    job_queue_drain(mailer->queue);
    carrier_destroy(mailer->carrier);
    while ((sending = LIST_FIRST(&mailer->with_carrier))) {
        LIST_REMOVE(sending, others);
        job_put_back(sending->job); /* the carrier no longer calls on_sent() */
    }
    job_queue_destroy(mailer->queue);
    mailer->queue = NULL;
}

static void on_sent(void *context, const struct carrier_outcome *outcome)
{
    static const enum job_state states[] = {
        [CARRIER_ACCEPTED] = JOB_DONE, [CARRIER_LATER] = JOB_QUEUED, [CARRIER_NEVER] = JOB_FAILED};
    struct sending *sending = context;
    LIST_REMOVE(sending, others);
    job_end(sending->job, &(struct job_end){.state = states[outcome->fate],
                                            .code = outcome->code,
                                            .words = outcome->words,
                                            .is_unreachable = outcome->concerns_all});
}

void mailer_send(struct mailer *mailer, struct job *job, const struct letter *letter)
{
    struct sending *sending = arena_alloc(job_arena(job), sizeof *sending);
    sending->job = job;
    if (job_is_stopping(job) || !carrier_send(mailer->carrier, letter, on_sent, sending))
        job_put_back(job); /* the service stops; the carrier has room for all slots */
    else
        LIST_INSERT_HEAD(&mailer->with_carrier, sending, others);
}

uint64_t mailer_count(const struct mailer *mailer, enum job_state state)
{
    return job_queue_count(mailer->queue, state);
}

enum message_state mailer_message_state(enum job_state state)
{
    static const enum message_state states[JOB_STATES] = {[JOB_QUEUED] = MESSAGE_STATE_QUEUED,
                                                          [JOB_LEASED] = MESSAGE_STATE_SENDING,
                                                          [JOB_DONE] = MESSAGE_STATE_SENT,
                                                          [JOB_FAILED] = MESSAGE_STATE_FAILED,
                                                          [JOB_OBSOLETE] = MESSAGE_STATE_OBSOLETE};
    return states[state];
}
