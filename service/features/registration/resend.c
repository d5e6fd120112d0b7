#include "features/registration/resend.h"

#include <event2/event.h>

#include "base/clock.h"
#include "db/db.h"
#include "event/event.h"
#include "features/feature.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/source.h"
#include "statements.h"
#include "view/locale.h"

/* --- The page -------------------------------------------------------------------------------- */

static json_t *wording(struct request *request, const char *name)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(request), name, NULL, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

static void reply_form(struct request *request, int status, bool is_sent, json_t *errors)
{
    const struct event *event = request_event(request);
    const char *title = event_text(event, &event->title, locale_code(request_locale(request)));
    json_t *view =
        json_pack("{s:{s:s, s:s}, s:{s:s}, s:b, s:o}", "event", "slug", event->slug, "title", title,
                  "organiser", "name", event->organiser_name, "is_sent", is_sent, "email",
                  field_view_email(request_arena(request), request_kept_emails(request), errors,
                                   "email", json_object_get(request_body(request), "email")));
    json_decref(errors);
    if (status == 429)
        json_object_set_new(view, "refusal",
                            json_pack("{s:o, s:o}", "title",
                                      wording(request, "problem.too_many_from_network.title"),
                                      "detail",
                                      wording(request, "problem.too_many_from_network.detail")));
    reply_keeps_typed(request);
    reply_page(request, status, request_route(request)->template, view);
}

void resend_show(struct request *request)
{
    reply_form(request, 200, false, NULL);
}

/* --- Asking ---------------------------------------------------------------------------------- */

static void answer(struct request *request)
{
    if (request_is_page(request))
        reply_form(request, 200, true, NULL);
    else
        reply_view(request, 202, json_pack("{s:s}", "status", "asked"));
}

static void on_time(evutil_socket_t fd, short what, void *request)
{
    (void)fd;
    (void)what;
    answer(request);
}

static void on_asked(void *context, const struct db_result *result)
{
    struct request *request = context;
    int64_t at_us = request_started_us(request) + RESEND_ANSWER_MS * INT64_C(1000);
    int64_t left_us = at_us - clock_monotonic_us();
    struct timeval left = {.tv_usec = (suseconds_t)left_us};
    if (result->outcome != DB_DONE)
        reply_failed(request, result);
    else if (registration_resend_outcome(result->rows, 0) != RESEND_OUTCOME_ASKED)
        reply_refuse(request, 500, "internal");
    else if (left_us <= 0 || event_base_once(request_worker(request)->loop, -1, EV_TIMEOUT, on_time,
                                             request, &left) != 0)
        answer(request);
}

static void ask(struct request *request, const struct email *email)
{
    const struct event *event = request_event(request);
    struct params *lock = registration_lock_address_params(
        &(struct registration_lock_address){.event_id = &event->id, .email_key = email->key});
    struct params *run = registration_resend_params(&(struct registration_resend){
        .event_id = &event->id, .email_key = email->key, .address = email->address});
    db_run(request_worker(request)->db, &(struct db_query){
                                            .lane = DB_LOCKING,
                                            .lock = lock,
                                            .run = run,
                                            .again = true,
                                            .on_done = on_asked,
                                            .context = request,
                                        });
}

struct asking {
    struct email email;
};

static const struct form_field fields[] = {
    {"email", KIND_EMAIL, FORM_AT(struct asking, email), FORM_NEEDED, "email_needed"},
};
static const struct form form = FORM(struct asking, fields);

void resend_handle(struct request *request)
{
    const struct pace_key limit = {.limit = PACE_RESENDS, .scope = &request_event(request)->id};
    struct asking asking = {0};
    json_t *errors = form_read_body(request, &form, NULL, &asking);
    if (errors && request_is_page(request))
        reply_form(request, 422, false, errors);
    else if (errors)
        form_refuse(request, errors);
    else if (source_takes(request, &limit, 1))
        ask(request, &asking.email);
    else if (request_is_page(request))
        reply_form(request, 429, false, NULL);
    else
        reply_refuse(request, 429, "too_many_from_network");
}
