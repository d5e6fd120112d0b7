#include "features/registration/companion.h"

#include "event/event.h"
#include "event/events.h"
#include "event/links.h"
#include "features/registration/errand.h"
#include "features/registration/manage_page.h"
#include "features/registration/registration.h"
#include "http/reply.h"
#include "statements.h"
#include "view/locale.h"
#include "view/qr.h"

/* Lives in the request's arena. */
struct visit {
    struct request *request;
    struct id registration_id, attendee_id, new_registration_id;
    int64_t link_version;
    bool takes_over; /* else it only shows */
    bool has_taken_over;
};

static const char *given_key(struct request *request)
{
    return request_is_page(request)
               ? request_link_key(request, "key")
               : json_string_value(json_object_get(request_body(request), "key"));
}

/* --- The answers ----------------------------------------------------------------------------- */

static void reply_holder(const struct visit *visit, const struct rows *rows)
{
    struct request *request = visit->request;
    struct id id = rows_id(rows, 0, "holder_id");
    const char *url =
        link_manage(request_worker(request), &id, rows_number(rows, 0, "holder_link_version"),
                    request_arena(request));
    if (request_is_page(request))
        reply_see_other(request, request_link(request, strstr(url, "/registrations/")));
    else
        reply_view(request, 200,
                   json_pack("{s:o, s:s}", "registration", view_id(&id), "manage_url", url));
}

static void set_ticket(const struct visit *visit, const struct rows *rows, json_t *view)
{
    struct request *request = visit->request;
    struct id ticket_id = rows_id(rows, 0, "ticket_id");
    struct buffer svg;
    if (id_is_zero(&ticket_id) || request_event(request)->cancelled)
        return;
    struct ticket_link link =
        link_ticket(request_worker(request), request_event(request), &ticket_id,
                    rows_time(rows, 0, "ticket_expires_at"), request_arena(request));
    buffer_init(&svg);
    if (qr_svg(link.token, rows_text(rows, 0, "name"), &svg))
        json_object_set_new(view, "qr", json_string(buffer_text(&svg)));
    buffer_finish(&svg);
    char number[ID_NUMBER_BYTES];
    id_number(&visit->attendee_id, number);
    json_object_set_new(view, "ticket_number", json_string(number));
    json_object_set_new(
        view, "ticket_link",
        json_string(arena_printf(request_arena(request), "/tickets/%s", link.token)));
}

static void reply_part(const struct visit *visit, const struct rows *rows)
{
    struct request *request = visit->request;
    const struct event *event = request_event(request);
    bool is_valid = registration_companion_status(rows, 0) == REGISTRATION_STATUS_CONFIRMED &&
                    !event->cancelled;
    json_t *view = manage_page_frame(request);
    json_object_set_new(view, "state",
                        json_pack("{s:b}",
                                  is_valid           ? "ready"
                                  : event->cancelled ? "event_cancelled"
                                                     : "gone",
                                  true));
    json_object_set_new(view, "name", json_string(rows_text(rows, 0, "name")));
    json_object_set_new(view, "email", json_string(rows_text(rows, 0, "email")));
    json_object_set_new(
        view, "ticket_type_title",
        json_string(event_type_title(event, rows_text(rows, 0, "ticket_type"),
                                     request_locale(request), request_arena(request))));
    if (!rows_is_null(rows, 0, "registrant"))
        json_object_set_new(view, "registrant", json_string(rows_text(rows, 0, "registrant")));
    json_object_set_new(
        view, "action",
        json_string(request_link(
            request, arena_printf(request_arena(request), "/registrations/%s/attendees/%s?key=%s",
                                  request_path(request, "registration"),
                                  request_path(request, "attendee"), given_key(request)))));
    set_ticket(visit, rows, view);
    reply_page(request, 200, "features/registration/companion.html", view);
}

/* --- Taking over ----------------------------------------------------------------------------- */

static void look(struct visit *visit);

static void on_taken_over(void *context, const struct db_result *result)
{
    struct visit *visit = context;
    struct request *request = visit->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    enum change_outcome outcome = registration_take_over_outcome(result->rows, 0);
    if (outcome == CHANGE_OUTCOME_TAKEN_OVER) {
        changes_note(request_worker(request), &request_event(request)->id);
        visit->has_taken_over = true;
        look(visit);
    } else if (outcome == CHANGE_OUTCOME_NOT_FOUND) {
        reply_refuse(visit->request, 404, "not_found");
    } else if (outcome == CHANGE_OUTCOME_NONE) {
        reply_refuse(request, 500, "internal");
    } else {
        reply_refuse(request, 409, change_outcome_name(outcome));
    }
}

static void take_over(struct visit *visit, const struct rows *rows)
{
    struct request *request = visit->request;
    const struct id *event_id = &request_event(request)->id;
    struct params *lock = registration_lock_tally_params();
    struct email email;
    if (!email_parse(request_arena(request), rows_text(rows, 0, "email"), &email)) {
        reply_refuse(request, 500, "internal");
        return;
    }
    registration_lock_tally_add_event(lock, event_id);
    id_make_in(request_event(request)->number, &visit->new_registration_id);
    db_run(request_worker(request)->db,
           &(struct db_query){.lane = DB_LOCKING,
                              .key = event_id,
                              .lock = lock,
                              .run = registration_take_over_params(&(struct registration_take_over){
                                  .event_id = event_id,
                                  .registration_id = &visit->registration_id,
                                  .attendee_id = &visit->attendee_id,
                                  .link_version = visit->link_version,
                                  .new_registration_id = &visit->new_registration_id,
                                  .email_key = email.key}),
                              .again = true,
                              .on_done = on_taken_over,
                              .context = visit});
}

/* --- Looking --------------------------------------------------------------------------------- */

static void on_looked(void *context, const struct db_result *result)
{
    struct visit *visit = context;
    if (result->outcome != DB_DONE)
        reply_failed(visit->request, result);
    else if (rows_count(result->rows) == 0)
        reply_refuse(visit->request, 404, "not_found");
    else if (!rows_is_null(result->rows, 0, "holder_id"))
        reply_holder(visit, result->rows);
    else if (visit->has_taken_over)
        reply_refuse(visit->request, 500, "internal");
    else if (visit->takes_over)
        take_over(visit, result->rows);
    else
        reply_part(visit, result->rows);
}

static void look(struct visit *visit)
{
    db_ask(request_worker(visit->request)->db,
           registration_companion_params(
               &(struct registration_companion){.event_id = &request_event(visit->request)->id,
                                                .registration_id = &visit->registration_id,
                                                .attendee_id = &visit->attendee_id,
                                                .link_version = visit->link_version}),
           on_looked, visit);
}

static void begin(struct request *request, bool takes_over)
{
    struct arena *arena = request_arena(request);
    struct visit *visit = arena_alloc(arena, sizeof *visit);
    const char *key = given_key(request);
    *visit = (struct visit){.request = request, .takes_over = takes_over};
    reply_header(request, "X-Robots-Tag", "noindex, nofollow");
    if (!key || !id_parse(request_path(request, "registration"), &visit->registration_id) ||
        !id_parse(request_path(request, "attendee"), &visit->attendee_id) ||
        !link_companion_key_version(request_worker(request), &visit->attendee_id, key, arena,
                                    &visit->link_version))
        reply_refuse(visit->request, 404, "not_found");
    else
        look(visit);
}

void companion_show(struct request *request)
{
    begin(request, false);
}

void companion_take_over(struct request *request)
{
    begin(request, true);
}

void companion_handle(struct request *request)
{
    begin(request, true);
}
