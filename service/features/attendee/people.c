#include "features/attendee/people.h"

#include "base/clock.h"
#include "base/text.h"
#include "db/db.h"
#include "event/event.h"
#include "features/attendee/filter.h"
#include "features/attendee/list.h"
#include "features/attendee/people_view.h"
#include "http/reply.h"
#include "statements.h"
#include "worker.h"

static const char page_template[] = "features/attendee/people.html";

static void on_listed(void *context, const struct db_result *result)
{
    struct people *people = context;
    if (result->outcome == DB_DONE)
        reply_page(people->request, people->problem ? 422 : 200, page_template,
                   people_view(people, result->rows));
    else
        reply_failed(people->request, result);
}

static void list(struct people *people)
{
    const struct event *event = request_event(people->request);
    struct params *params = attendee_list_params(
        &(struct attendee_list){.event_id = &event->id,
                                .filter = people->filter.text,
                                .sort = people->filter.sort,
                                .after = people->page.after,
                                .most = PEOPLE_LIMIT + 1,
                                .timezone = event->timezone,
                                .today = event_day_at(event, clock_now_us()),
                                .whole = true,
                                .with_notes = sheet_choice_has(&people->columns, SHEET_NOTES)});
    db_run(request_worker(people->request)->db, &(struct db_query){.lane = DB_SLOW,
                                                                   .run = params,
                                                                   .again = true,
                                                                   .on_done = on_listed,
                                                                   .context = people});
}

static void read_columns(struct people *people, const struct rows *rows)
{
    people_add_former_consents(people, rows_text(rows, 0, "former"));
    people_choose(people, rows_is_null(rows, 0, "columns") ? NULL : rows_text(rows, 0, "columns"));
}

static void on_columns(void *context, const struct db_result *result)
{
    struct people *people = context;
    if (result->outcome != DB_DONE) {
        reply_failed(people->request, result);
        return;
    }
    read_columns(people, result->rows);
    list(people);
}

static bool has_account(struct request *request)
{
    return request_caller(request)->identity == CALLER_SESSION;
}

static void ask_columns(struct people *people,
                        void (*then)(void *people, const struct db_result *result))
{
    struct request *request = people->request;
    const struct event *event = request_event(request);
    struct params *params = attendee_columns_show_params(&(struct attendee_columns_show){
        .event_id = &event->id,
        .account_id = has_account(request) ? &request_caller(request)->id : NULL,
        .language = locale_code(request_locale(request))});
    for (size_t i = 0; i < event->consent_count; i++)
        attendee_columns_show_add_consent(params, event->consents[i].slug);
    db_ask(request_worker(request)->db, params, then, people);
}

void people_show_problem(struct request *request, const char *key)
{
    const struct event *event = request_event(request);
    struct people *people = arena_alloc(request_arena(request), sizeof *people);
    *people = (struct people){.request = request, .problem = key};
    const char *wrong = form_read_query(request, &filter_form, event, &people->filter);
    if (!wrong)
        wrong = form_read_query(request, &list_page_form, NULL, &people->page);
    if (wrong) {
        form_refuse_parameter(request, "attendee", wrong);
        return;
    }
    if (!request_query(request, "sort"))
        people->filter.sort = people_default_sort(people->filter.list);
    ask_columns(people, on_columns);
}

void people_show(struct request *request)
{
    people_show_problem(request, NULL);
}

/* --- Columns --------------------------------------------------------------------------------- */

struct choosing {
    const char **columns;
    size_t count;
};

static const struct form_field choosing_fields[] = {
    {"columns", KIND_RAW, FORM_AT(struct choosing, columns), .shape = FORM_LIST,
     FORM_COUNT_AT(struct choosing, count), .items_most = SHEET_COLUMNS_MOST},
};
static const struct form choosing_form = FORM(struct choosing, choosing_fields);

static void on_chosen(void *context, const struct db_result *result)
{
    struct people *people = context;
    if (result->outcome == DB_DONE)
        reply_see_other(people->request, people_here(people->request, ""));
    else
        reply_failed(people->request, result);
}

/* Keeps only those that there are. */
static void keep(void *context, const struct db_result *result)
{
    struct people *people = context;
    struct request *request = people->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    people_add_former_consents(people, rows_text(result->rows, 0, "former"));
    people_choose(people, people->chosen);
    db_ask(request_worker(request)->db,
           attendee_columns_choose_params(
               &(struct attendee_columns_choose){.event_id = &request_event(request)->id,
                                                 .account_id = &request_caller(request)->id,
                                                 .columns = people_columns_text(people)}),
           on_chosen, people);
}

void people_choose_columns(struct request *request)
{
    struct arena *arena = request_arena(request);
    struct choosing choosing = {0};
    struct people *people = arena_alloc(arena, sizeof *people);
    *people = (struct people){.request = request, .chosen = ""};
    json_t *errors = form_read_body(request, &choosing_form, NULL, &choosing);
    if (errors || !has_account(request)) {
        json_decref(errors);
        reply_see_other(request, people_link(request, NULL, NULL, NULL, NULL));
        return;
    }
    for (size_t i = 0; i < choosing.count; i++)
        people->chosen = arena_printf(arena, "%s%s%s", people->chosen, *people->chosen ? "," : "",
                                      choosing.columns[i]);
    ask_columns(people, keep);
}
