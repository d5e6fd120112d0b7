#include "features/door/check_in.h"

#include "db/batch.h"
#include "db/measure.h"
#include "features/door/scans.h"
#include "event/answer_text.h"
#include "event/events.h"
#include "form/form.h"
#include "http/reply.h"
#include "statements.h"
#include "view/locale.h"

/* One element of the batch. */
struct check_in {
    struct check_ins *all;
    const struct scan *scan;
    json_t *result; /* NULL: there is no verdict yet, or the database failed */
};

/* The scans of one request; lives in its arena. */
struct check_ins {
    struct request *request;
    const struct event *event; /* held, because the cache may replace it before the verdicts come */
    struct check_in *list;     /* in the order of the request */
    size_t count, unanswered;
    bool is_list;
    void (*answer)(struct request *request, const json_t *result); /* NULL: the usual one */
    bool has_news;          /* the counts or the newest scans have changed */
    enum db_outcome failed; /* of a scan, mistakes first; DB_DONE: none */
};

/* --- The answer ------------------------------------------------------------------------------ */

/* A scanner sees the attendee only for the ticket itself. A thief of the phone could read ids from
 * its guest list. */
static bool may_see(const struct check_in *check_in, const struct rows *rows, int row)
{
    unsigned role = request_role(check_in->all->request);
    if (role & WHO_DEVICES && !rows_bool(rows, row, "is_theirs"))
        return false;
    return role != WHO_SCANNER || check_in->scan->ticket;
}

static json_t *attendee_json(const struct check_in *check_in, const struct rows *rows, int row)
{
    const struct check_ins *all = check_in->all;
    if (rows_is_null(rows, row, "attendee_id") || !may_see(check_in, rows, row))
        return json_null();
    const char *slug = rows_text(rows, row, "ticket_type");
    const struct ticket_type *type = event_ticket_type(all->event, slug);
    const char *language = locale_code(request_locale(all->request));
    return json_pack("{s:o, s:s, s:s, s:s, s:s, s:o}", "id", view_id_of(rows, row, "attendee_id"),
                     "name", rows_text(rows, row, "name"), "ticket_type", slug, "ticket_type_title",
                     type ? event_text(all->event, &type->title, language) : slug, "status",
                     rows_text(rows, row, "status"), "answers",
                     event_door_answers(all->event, rows_text(rows, row, "answers"),
                                        request_locale(all->request)));
}

/* The days of the ticket's type, if it admits on some days of the event only. */
static json_t *valid_on(const struct rows *rows, int row)
{
    return rows_is_null(rows, row, "valid_days")
               ? json_null()
               : json_loads(rows_text(rows, row, "valid_days"), 0, NULL);
}

static json_t *result_json(const struct check_in *check_in, const struct rows *rows, int row)
{
    return json_pack(
        "{s:s, s:o, s:o, s:o, s:o, s:s?, s:o, s:b, s:b, s:o, s:{s:I, s:I, s:I}}", "verdict",
        rows_text(rows, row, "outcome"), "nonce", view_id(&check_in->scan->nonce), "attendee",
        attendee_json(check_in, rows, row), "first_admitted_at",
        view_time_of(rows, row, "first_admitted_at"), "admitted_at",
        view_time_of(rows, row, "admitted_at"), "admitted_door",
        view_text_of(rows, row, "admitted_door"), "scanned_at",
        view_time_of(rows, row, "scanned_at"), "forced", rows_bool(rows, row, "forced"), "conflict",
        rows_bool(rows, row, "conflict"), "valid_on", valid_on(rows, row), "counts", "expected",
        (json_int_t)rows_number(rows, row, "expected"), "admitted",
        (json_int_t)rows_number(rows, row, "admitted"), "inside",
        (json_int_t)rows_number(rows, row, "inside"));
}

static json_t *take_results(struct check_ins *all, bool *ret_is_complete)
{
    json_t *results = json_array();
    *ret_is_complete = true;
    for (size_t i = 0; i < all->count; i++) {
        if (all->list[i].result)
            json_array_append_new(results, all->list[i].result);
        else
            *ret_is_complete = false;
    }
    return results;
}

static void answer(struct check_ins *all)
{
    struct request *request = all->request;
    bool is_complete;
    json_t *results = take_results(all, &is_complete);
    if (all->has_news)
        changes_note(request_worker(request), &all->event->id);
    events_release(all->event);
    if (all->failed != DB_DONE)
        reply_failed(request, &(struct db_result){.outcome = all->failed});
    else if (!is_complete)
        reply_busy(request, "busy");
    else if (all->answer)
        all->answer(request, json_array_get(results, 0));
    else if (all->is_list)
        reply_view(request, 200, json_pack("{s:O}", "results", results));
    else
        reply_view(request, 200, json_incref(json_array_get(results, 0)));
    json_decref(results);
}

static void answered(struct check_ins *all)
{
    if (--all->unanswered == 0)
        answer(all);
}

/* --- The batch ------------------------------------------------------------------------------- */

static const struct id *id_or_null(const struct id *id)
{
    return id_is_zero(id) ? NULL : id;
}

static void add(void *element, int ordinal, struct params *lock, struct params *run)
{
    const struct check_in *check_in = element;
    const struct scan *scan = check_in->scan;
    const struct event *event = check_in->all->event;
    const struct caller *caller = request_caller(check_in->all->request);
    (void)ordinal;
    door_check_in_lock_add_event(lock, &event->id);
    door_check_in_add_scan(
        run, &(struct door_check_in_scan){.event_id = &event->id,
                                          .nonce = &scan->nonce,
                                          .refused = scan->refused,
                                          .ticket_id = id_or_null(&scan->ticket_id),
                                          .attendee_id = id_or_null(&scan->attendee_id),
                                          .door = scan->door,
                                          .direction = scan->direction,
                                          .scanned_at_us = scan->scanned_at_us,
                                          .force = scan->force,
                                          .reason = scan->reason,
                                          .scanned_by = id_or_null(&caller->id),
                                          .actor = caller->label,
                                          .opens_at_us = event->check_in_opens_at_us,
                                          .closes_at_us = event->check_in_closes_at_us,
                                          .decided = scan->decided,
                                          .day = event_day_at(event, scan->scanned_at_us),
                                          .is_now = scan->is_now});
}

static const struct id *key(const void *element)
{
    const struct check_in *check_in = element;
    return &check_in->all->event->id;
}

static struct batcher *check_ins_of(struct worker *worker);

static void submit(struct check_in *check_in)
{
    if (!batcher_submit(check_ins_of(request_worker(check_in->all->request)), check_in))
        answered(check_in->all);
}

static void note_failure(struct check_ins *all, enum db_outcome outcome)
{
    if (all->failed == DB_DONE || outcome < all->failed)
        all->failed = outcome;
}

static void on_done(void *element, const struct db_result *result, int row)
{
    struct check_in *check_in = element;
    struct check_ins *all = check_in->all;
    if (result->outcome != DB_DONE) {
        note_failure(all, result->outcome);
        answered(all);
        return;
    }
    switch (door_check_in_outcome(result->rows, row)) {
    case CHECK_IN_OUTCOME_LATER:
        submit(check_in);
        return;
    case CHECK_IN_OUTCOME_ADMITTED:
    case CHECK_IN_OUTCOME_LEFT:
    case CHECK_IN_OUTCOME_ALREADY_ADMITTED:
    case CHECK_IN_OUTCOME_CANCELLED:
    case CHECK_IN_OUTCOME_NOT_CONFIRMED:
    case CHECK_IN_OUTCOME_WRONG_EVENT:
    case CHECK_IN_OUTCOME_WRONG_DOOR:
    case CHECK_IN_OUTCOME_TOO_EARLY:
    case CHECK_IN_OUTCOME_TOO_LATE:
    case CHECK_IN_OUTCOME_REPLACED:
    case CHECK_IN_OUTCOME_FORGED:
    case CHECK_IN_OUTCOME_UNKNOWN:
        break;
    case CHECK_IN_OUTCOME_NONE:
        note_failure(all, DB_REFUSED);
        answered(all);
        return;
    }
    all->has_news = true;
    check_in->result = result_json(check_in, result->rows, row);
    answered(all);
}

/* One batch is in flight at a time, so that a list longer than a batch is applied in its order. */
static const struct batch_kind kind = {
    .name = "check_in",
    .lock = door_check_in_lock_params,
    .run = door_check_in_params,
    .elements_most = CHECK_IN_BATCH_MOST,
    .waiting_most = CHECK_IN_WAITING_MOST,
    .in_flight_most = 1,
    .add = add,
    .key = key,
    .on_done = on_done,
};

static void *create_batcher(struct worker *worker)
{
    return batcher_create(worker->db, &kind);
}

static void destroy_batcher(void *state)
{
    batcher_destroy(state);
}

static const struct worker_slot slot = {
    .name = "check-ins", .create = create_batcher, .destroy = destroy_batcher};

static struct batcher *check_ins_of(struct worker *worker)
{
    return worker_state(worker, &slot);
}

void check_in_measure(struct worker *worker, struct gauges *gauges)
{
    measure_batcher(check_ins_of(worker), gauges);
}

/* --- The request ----------------------------------------------------------------------------- */

static int by_time(const void *a, const void *b)
{
    const struct check_in *const *left = a, *const *right = b;
    int64_t left_at = (*left)->scan->scanned_at_us, right_at = (*right)->scan->scanned_at_us;
    if (left_at != right_at)
        return left_at < right_at ? -1 : 1;
    return *left < *right ? -1 : *left > *right; /* in the order of the request */
}

static void submit_in_order(struct check_ins *all)
{
    struct check_in **line = arena_alloc(request_arena(all->request), all->count * sizeof *line);
    for (size_t i = 0; i < all->count; i++)
        line[i] = &all->list[i];
    qsort(line, all->count, sizeof *line, by_time);
    all->unanswered = all->count + 1; /* one more, so that no answer ends the request in the loop */
    for (size_t i = 0; i < all->count; i++)
        submit(line[i]);
    answered(all);
}

void check_in_begin(struct request *request, const struct check_in_reply *reply)
{
    struct check_ins *all = arena_alloc(request_arena(request), sizeof *all);
    struct scan_list list;
    json_t *errors = scans_read(request, &list);
    if (errors) {
        reply->refuse(request, errors);
        return;
    }
    all->count = list.count;
    all->is_list = list.is_list;
    all->request = request;
    all->answer = reply->answer;
    all->event = events_hold(request_event(request));
    all->list = arena_alloc(request_arena(request), all->count * sizeof *all->list);
    for (size_t i = 0; i < all->count; i++)
        all->list[i] = (struct check_in){.all = all, .scan = &list.scans[i]};
    submit_in_order(all);
}

void check_in_handle(struct request *request)
{
    static const struct check_in_reply reply = {.refuse = form_refuse};
    check_in_begin(request, &reply);
}
