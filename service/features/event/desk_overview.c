#include "features/event/desk_overview.h"

#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "db/db.h"
#include "event/arrivals.h"
#include "event/arrivals_view.h"
#include "event/event.h"
#include "event/sender_problem.h"
#include "features/event/desk_overview_page.h"
#include "http/reply.h"
#include "security/keyring.h"
#include "statements.h"
#include "view/locale.h"
#include "worker.h"

/* Lives in its request's arena. */
struct overview {
    struct request *request;
    json_t *view; /* what the API answers; owned until the answer */
    struct desk_overview_page page;
};

static void end(struct overview *overview)
{
    json_decref(overview->view);
    json_decref(overview->page.arrivals);
}

static void answer(struct overview *overview)
{
    struct request *request = overview->request;
    bool is_page = request_is_page(request);
    if (is_page)
        overview->page.sender = sender_problem(request);
    json_t *view =
        is_page ? desk_overview_page(overview->view, &overview->page) : json_incref(overview->view);
    end(overview);
    reply_view(request, 200, view);
}

static void fail(struct overview *overview)
{
    end(overview);
    reply_busy(overview->request, "busy");
}

/* --- Who came -------------------------------------------------------------------------------- */

/* People who came on several days count once a ticket type. */
static void on_all_days(void *context, const json_t *arrivals)
{
    struct overview *overview = context;
    if (!arrivals) {
        fail(overview);
        return;
    }
    json_object_set(overview->view, "came", json_object_get(arrivals, "people"));
    json_object_set(overview->view, "came_by_ticket_type",
                    json_object_get(arrivals, "ticket_types"));
    answer(overview);
}

static void on_busiest_day(void *context, const json_t *arrivals)
{
    struct overview *overview = context;
    const struct event *event = overview->page.event;
    if (!arrivals) {
        fail(overview);
        return;
    }
    overview->page.arrivals = json_incref((json_t *)arrivals);
    if (event->day_count == 1) {
        on_all_days(overview, arrivals);
        return;
    }
    const struct arrivals_asked asked = {
        .event_id = &event->id, .with_types = true, .is_over = true};
    arrivals_find(request_worker(overview->request), &asked, on_all_days, overview);
}

/* --- The statement --------------------------------------------------------------------------- */

static json_t *json_of(const struct rows *rows, const char *column)
{
    json_t *value = rows_is_null(rows, 0, column)
                        ? NULL
                        : json_loads(rows_text(rows, 0, column), JSON_DECODE_ANY, NULL);
    return value ? value : json_null();
}

static json_t *view_of(const struct rows *rows, enum event_phase phase)
{
    static const char *const numbers[][2] = {
        {"capacity", "capacity"},
        {"taken", "taken"},
        {"coming", "confirmed"},
        {"to_approve", "pending"},
        {"waiting", "queued"},
        {"cancelled", "cancelled"},
        {"expected", "expected"},
        {"came_today", "admitted"},
        {"inside", "inside"},
        {"mails_failed", "mails_failed"},
        {"mails_bounced", "mails_bounced"},
        {"conflicts", "conflicts"},
    };
    static const char *const lists[] = {"ticket_types", "days", "sign_ups", "newest", "phones"};
    json_t *view = json_pack("{s:s}", "phase", event_phase_name(phase));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        json_object_set_new(view, numbers[i][0], view_number_of(rows, 0, numbers[i][1]));
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        json_object_set_new(view, lists[i], json_of(rows, lists[i]));
    return view;
}

static void on_read(void *context, const struct db_result *result)
{
    struct overview *overview = context;
    const struct rows *rows = result->rows;
    if (result->outcome != DB_DONE || rows_count(rows) == 0) {
        reply_failed(overview->request, result);
        return;
    }
    enum event_phase phase = event_desk_overview_phase(rows, 0);
    if (phase == EVENT_PHASE_NONE) {
        reply_refuse(overview->request, 500, "internal");
        return;
    }
    struct worker *worker = request_worker(overview->request);
    overview->view = view_of(rows, phase);
    overview->page.has_keys = keyring_key_count(worker->keyring) > 0;
    overview->page.keeps_mails = *worker->config->smtp == '\0';
    overview->page.reference_at_us = rows_time(rows, 0, "reference_at");
    overview->page.utc_offset_s = (int)rows_number(rows, 0, "utc_offset");
    if (phase != EVENT_PHASE_AFTER) {
        answer(overview);
        return;
    }
    const struct arrivals_asked asked = {
        .event_id = &overview->page.event->id,
        .day = arena_copy(request_arena(overview->request), rows_text(rows, 0, "busiest_day")),
        .with_types = true,
        .is_over = true};
    overview->page.busiest_day = asked.day;
    arrivals_find(worker, &asked, on_busiest_day, overview);
}

void desk_overview_show(struct request *request)
{
    struct overview *overview = arena_alloc(request_arena(request), sizeof *overview);
    const struct event *event = request_event(request);
    *overview = (struct overview){.request = request,
                                  .page = {.event = event,
                                           .locale = request_locale(request),
                                           .arena = request_arena(request)}};
    struct params *params = event_desk_overview_params(
        &(struct event_desk_overview){.event_id = &event->id, .newest_most = DESK_OVERVIEW_NEWEST});
    db_ask(request_worker(request)->db, params, on_read, overview);
}
