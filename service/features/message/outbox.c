#include "features/message/outbox.h"

#include <event2/event.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/email.h"
#include "base/gauges.h"
#include "base/log.h"
#include "base/memory.h"
#include "db/db.h"
#include "security/attempts.h"
#include "event/events.h"
#include "features/message/composition.h"
#include "features/message/posting.h"
#include "mail/carrier.h"
#include "statements.h"

/* Where a message is on its way; it only ever goes down the list. */
enum stage { STAGE_FINDING, STAGE_COMPOSING, STAGE_SENDING, STAGE_NOTING };

/* What is to be noted. */
struct note {
    const char *state, *words;
    int code, again_s;
};

struct dispatch {
    LIST_ENTRY(dispatch) others;
    struct outbox *outbox;
    struct arena arena; /* of all below */
    struct posting *posting;
    const struct event *event; /* NULL: not found yet */
    enum stage stage;
    struct note note;
    struct event *on_pause; /* before it is noted once more; made when needed */
};

struct outbox {
    struct worker *worker;
    struct carrier *carrier;
    struct event *on_poll, *on_minute;
    LIST_HEAD(, dispatch) dispatches;
    int under_way;
    bool claiming, stopping;
    bool is_left;          /* by its worker: gone with the last that the database still holds */
    int64_t not_before_us; /* of the monotonic clock: the server cannot be reached */
};

/* The worker's part in sending. */
struct mailer {
    struct outbox *outbox; /* NULL: this worker sends nothing */
    uint64_t sent, put_off, failed, obsolete;
};

static void *create_mailer(struct worker *worker)
{
    (void)worker;
    return memory_alloc(sizeof(struct mailer));
}

static const struct worker_slot slot = {.name = "mailer", .create = create_mailer};

static void claim(struct outbox *outbox);

int outbox_pause_s(int tries)
{
    static const int minutes[] = {1, 5, 15, 60, 180, 360};
    int last = (int)(sizeof minutes / sizeof *minutes) - 1;
    return 60 * minutes[tries < 1 ? 0 : tries > last ? last : tries - 1];
}

/* When the last is through, whoever waits for that in outbox_stop() goes on. */
static void leave_if_idle(struct outbox *outbox)
{
    if (!outbox->stopping || outbox->under_way > 0 || outbox->claiming)
        return;
    if (outbox->is_left)
        free(outbox);
    else
        event_base_loopbreak(outbox->worker->loop);
}

/* --- The end of a dispatch ------------------------------------------------------------------- */

static void destroy(struct dispatch *dispatch)
{
    struct outbox *outbox = dispatch->outbox;
    LIST_REMOVE(dispatch, others);
    if (dispatch->event)
        events_release(dispatch->event);
    if (dispatch->on_pause)
        event_free(dispatch->on_pause);
    arena_finish(&dispatch->arena);
    free(dispatch);
    outbox->under_way--;
    leave_if_idle(outbox);
}

static void finish(struct dispatch *dispatch)
{
    struct outbox *outbox = dispatch->outbox;
    bool has_room = outbox->under_way <= OUTBOX_UNDER_WAY_MOST / 2;
    if (has_room)
        claim(outbox);
    destroy(dispatch);
}

static void write_note(struct dispatch *dispatch);

static void on_pause(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    write_note(context);
}

static void on_noted(void *context, const struct db_result *result)
{
    static const struct timeval pause = {.tv_sec = 2};
    struct dispatch *dispatch = context;
    if (result->outcome == DB_DONE || result->outcome == DB_STOPPING) {
        finish(dispatch);
        return;
    }
    if (!dispatch->on_pause)
        dispatch->on_pause = evtimer_new(dispatch->outbox->worker->loop, on_pause, dispatch);
    evtimer_add(dispatch->on_pause, &pause);
}

static void write_note(struct dispatch *dispatch)
{
    const struct posting *posting = dispatch->posting;
    const struct note *note = &dispatch->note;
    struct params *params = params_create(sql_message_done.parameter_count);
    params_id(params, 1, &posting->event_id);
    params_id(params, 2, &posting->registration_id);
    params_id(params, 3, &posting->message_id);
    params_number(params, 4, posting->tries);
    params_text(params, 5, note->state);
    if (note->code)
        params_number(params, 6, note->code);
    params_text(params, 7, note->words);
    params_number(params, 8, note->again_s);
    db_ask(dispatch->outbox->worker->db, &sql_message_done, params, on_noted, dispatch);
}

static void count(struct mailer *counts, const char *state)
{
    counts->sent += strcmp(state, "sent") == 0;
    counts->put_off += strcmp(state, "queued") == 0;
    counts->failed += strcmp(state, "failed") == 0;
    counts->obsolete += strcmp(state, "obsolete") == 0;
}

static void end_with(struct dispatch *dispatch, const char *state, int code, const char *words,
                     int again_s)
{
    const struct letter_kind *kind = dispatch->posting->kind;
    dispatch->stage = STAGE_NOTING;
    count(worker_state(dispatch->outbox->worker, &slot), state);
    dispatch->note = (struct note){.state = state,
                                   .code = code,
                                   .words = arena_copy(&dispatch->arena, words),
                                   .again_s = again_s};
    if (strcmp(state, "failed") == 0)
        log_event(LOG_WARNING, "mail_failed", log_text("kind", kind ? kind->name : "unknown"),
                  log_number("code", code), log_number("tries", dispatch->posting->tries));
    write_note(dispatch);
}

static void try_after(struct dispatch *dispatch, int code, const char *words, int pause_s)
{
    const struct posting *posting = dispatch->posting;
    int64_t give_up_us =
        posting->created_at_us + OUTBOX_GIVE_UP_HOURS * INT64_C(3600) * CLOCK_SECOND_US;
    if (clock_now_us() > give_up_us)
        end_with(dispatch, "failed", code, words, 0);
    else
        end_with(dispatch, "queued", code, words, pause_s);
}

static void try_later(struct dispatch *dispatch, int code, const char *words)
{
    try_after(dispatch, code, words, outbox_pause_s(dispatch->posting->tries));
}

/* --- Letters to one address ------------------------------------------------------------------ */

static bool may_get_one(struct dispatch *dispatch)
{
    static const struct pace_limit limit = {.most = OUTBOX_TO_ONE_AN_HOUR,
                                            .an_hour = OUTBOX_TO_ONE_AN_HOUR};
    static const struct id any_event = {0};
    const char *recipient = dispatch->posting->recipient;
    struct email email;
    if (email_parse(&dispatch->arena, recipient, &email))
        recipient = email.key;
    return attempts_allow(dispatch->outbox->worker, &limit, &any_event, recipient,
                          clock_monotonic_us());
}

static void put_off(struct dispatch *dispatch)
{
    int pause_s = outbox_pause_s(dispatch->posting->tries);
    try_after(dispatch, 0, "too many letters to this address within an hour",
              pause_s > OUTBOX_TO_ONE_PAUSE_S ? pause_s : OUTBOX_TO_ONE_PAUSE_S);
}

/* --- A dispatch on its way ------------------------------------------------------------------- */

static void on_sent(void *context, const struct carrier_outcome *outcome)
{
    struct dispatch *dispatch = context;
    struct outbox *outbox = dispatch->outbox;
    switch (outcome->fate) {
    case CARRIER_ACCEPTED:
        end_with(dispatch, "sent", outcome->code, outcome->words, 0);
        break;
    case CARRIER_NEVER:
        end_with(dispatch, "failed", outcome->code, outcome->words, 0);
        break;
    case CARRIER_LATER:
        if (outcome->concerns_all)
            outbox->not_before_us =
                clock_monotonic_us() + OUTBOX_UNREACHABLE_PAUSE_S * CLOCK_SECOND_US;
        try_later(dispatch, outcome->code, outcome->words);
        break;
    }
}

static const char not_written[] = "the letter could not be written";
static const char stops[] = "the service stops";

static void on_composed(void *context, const struct letter *letter)
{
    struct dispatch *dispatch = context;
    if (dispatch->outbox->is_left) {
        destroy(dispatch);
    } else if (!letter) {
        try_later(dispatch, 0, not_written);
    } else {
        dispatch->stage = STAGE_SENDING;
        if (!carrier_send(dispatch->outbox->carrier, letter, on_sent, dispatch))
            try_later(dispatch, 0, stops);
    }
}

static void on_event(void *context, const struct event *event, int db_outcome)
{
    struct dispatch *dispatch = context;
    struct outbox *outbox = dispatch->outbox;
    (void)db_outcome;
    dispatch->event = event;
    if (outbox->stopping && !event) {
        destroy(dispatch);
    } else if (outbox->stopping) {
        end_with(dispatch, "queued", 0, stops, 0); /* the threads that print are gone already */
    } else if (!event) {
        try_later(dispatch, 0, "the database could not say what the event is");
    } else if (!posting_holds(dispatch->posting, event, clock_now_us())) {
        end_with(dispatch, "obsolete", 0, "overtaken by what happened since", 0);
    } else if (!may_get_one(dispatch)) {
        put_off(dispatch);
    } else {
        dispatch->stage = STAGE_COMPOSING;
        if (!composition_start(outbox->worker, event, dispatch->posting, &dispatch->arena,
                               on_composed, dispatch))
            try_later(dispatch, 0, not_written);
    }
}

static void begin(struct outbox *outbox, const struct rows *rows, int *row)
{
    struct dispatch *dispatch = memory_alloc(sizeof *dispatch);
    dispatch->outbox = outbox;
    arena_init(&dispatch->arena);
    dispatch->posting = posting_read(&dispatch->arena, rows, row);
    LIST_INSERT_HEAD(&outbox->dispatches, dispatch, others);
    outbox->under_way++;
    events_find(outbox->worker, dispatch->posting->event, on_event, dispatch);
}

/* --- Taking ---------------------------------------------------------------------------------- */

static void on_claimed(void *context, const struct db_result *result)
{
    struct outbox *outbox = context;
    outbox->claiming = false;
    for (int row = 0; result->outcome == DB_DONE && row < rows_count(result->rows);)
        begin(outbox, result->rows, &row);
    leave_if_idle(outbox);
}

static void claim(struct outbox *outbox)
{
    int room = OUTBOX_UNDER_WAY_MOST - outbox->under_way;
    if (outbox->claiming || outbox->stopping || room <= 0 ||
        clock_monotonic_us() < outbox->not_before_us)
        return;
    struct params *params = params_create(sql_message_claim.parameter_count);
    params_number(params, 1, room);
    outbox->claiming = true;
    /* Not sent again by itself: what a lost answer had taken is due again in a while. */
    db_run(outbox->worker->db, &(struct db_query){.lane = DB_HOT,
                                                  .then = &sql_message_claim,
                                                  .then_params = params,
                                                  .on_done = on_claimed,
                                                  .context = outbox});
}

static void on_poll(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    claim(context);
}

static void on_reminded(void *context, const struct db_result *result)
{
    (void)context;
    for (int row = 0; result->outcome == DB_DONE && row < rows_count(result->rows); row++)
        log_event(LOG_INFO, "reminded", log_text("event", rows_text(result->rows, row, "event")),
                  log_number("registrations", rows_number(result->rows, row, "told")));
}

static void on_renewed(void *context, const struct db_result *result)
{
    (void)context, (void)result; /* a failure is made good by the next */
}

/* A mail server may take its time; nobody else may take the message meanwhile. */
static void renew(struct outbox *outbox)
{
    const struct dispatch *dispatch;
    struct params *params = params_create(sql_message_renew.parameter_count);
    for (int at = 1; at <= 4; at++)
        params_array(params, at);
    LIST_FOREACH(dispatch, &outbox->dispatches, others)
    {
        params_add_id(params, 1, &dispatch->posting->event_id);
        params_add_id(params, 2, &dispatch->posting->registration_id);
        params_add_id(params, 3, &dispatch->posting->message_id);
        params_add_number(params, 4, dispatch->posting->tries);
    }
    db_ask(outbox->worker->db, &sql_message_renew, params, on_renewed, NULL);
}

static void on_minute(evutil_socket_t fd, short what, void *context)
{
    struct outbox *outbox = context;
    (void)fd, (void)what;
    if (outbox->under_way > 0)
        renew(outbox);
    db_run(outbox->worker->db, &(struct db_query){.lane = DB_SLOW,
                                                  .then = &sql_message_remind,
                                                  .then_params = params_create(0),
                                                  .again = true,
                                                  .on_done = on_reminded,
                                                  .context = outbox});
}

/* --- The worker's ---------------------------------------------------------------------------- */

void outbox_start(struct worker *worker)
{
    static const struct timeval poll = {.tv_usec = OUTBOX_POLL_MS % 1000 * 1000,
                                        .tv_sec = OUTBOX_POLL_MS / 1000};
    static const struct timeval minute = {.tv_sec = 60};
    struct mailer *mailer = worker_state(worker, &slot);
    if (worker->index != 0)
        return;
    struct outbox *outbox = memory_alloc(sizeof *outbox);
    LIST_INIT(&outbox->dispatches);
    outbox->worker = worker;
    mailer->outbox = outbox;
    outbox->on_minute = event_new(worker->loop, -1, EV_PERSIST, on_minute, outbox);
    event_add(outbox->on_minute, &minute);
    if (*worker->config->smtp == '\0')
        return;
    struct buffer error;
    buffer_init(&error);
    outbox->carrier = carrier_create(
        &(struct carrier_options){.loop = worker->loop, .smtp = worker->config->smtp}, &error);
    if (!outbox->carrier)
        log_event(LOG_ERROR, "mail_not_possible", log_text("reason", buffer_text(&error)));
    buffer_finish(&error);
    if (!outbox->carrier)
        return;
    outbox->on_poll = event_new(worker->loop, -1, EV_PERSIST, on_poll, outbox);
    event_add(outbox->on_poll, &poll);
}

static void wait_for_letters(struct outbox *outbox)
{
    static const struct timeval grace = {.tv_sec = OUTBOX_STOP_GRACE_S};
    if (outbox->under_way == 0 && !outbox->claiming)
        return;
    carrier_stop(outbox->carrier);
    event_base_loopexit(outbox->worker->loop, &grace);
    event_base_loop(outbox->worker->loop, EVLOOP_NO_EXIT_ON_EMPTY);
}

static bool is_with_database(const struct dispatch *dispatch)
{
    bool pauses = dispatch->on_pause && evtimer_pending(dispatch->on_pause, NULL);
    return dispatch->stage != STAGE_SENDING && !pauses;
}

/* Those that are still with the database end with its DB_STOPPING, after this. */
static void give_up_sending(struct outbox *outbox)
{
    struct dispatch *dispatch = LIST_FIRST(&outbox->dispatches);
    while (dispatch) {
        struct dispatch *next = LIST_NEXT(dispatch, others);
        if (!is_with_database(dispatch))
            destroy(dispatch);
        dispatch = next;
    }
}

void outbox_stop(struct worker *worker)
{
    struct mailer *mailer = worker_state(worker, &slot);
    struct outbox *outbox = mailer->outbox;
    if (!outbox)
        return;
    outbox->stopping = true;
    if (outbox->on_poll)
        event_free(outbox->on_poll);
    event_free(outbox->on_minute);
    wait_for_letters(outbox);
    carrier_destroy(outbox->carrier);
    give_up_sending(outbox);
    mailer->outbox = NULL;
    outbox->is_left = true;
    leave_if_idle(outbox);
}

void outbox_measure(struct worker *worker, struct gauges *gauges)
{
    static const struct gauge mails = {"mails_total", "counter",
                                       "What became of mails: attempts by their outcome."};
    const struct mailer *counts = worker_state(worker, &slot);
    gauges_add(gauges, &mails, counts->sent, "{outcome=\"sent\"}");
    gauges_add(gauges, &mails, counts->put_off, "{outcome=\"put_off\"}");
    gauges_add(gauges, &mails, counts->failed, "{outcome=\"failed\"}");
    gauges_add(gauges, &mails, counts->obsolete, "{outcome=\"obsolete\"}");
}
