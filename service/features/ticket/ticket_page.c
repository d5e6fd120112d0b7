#include "features/ticket/ticket_page.h"

#include "base/clock.h"
#include "base/memory.h"
#include "db/db.h"
#include "event/event.h"
#include "event/event_calendar.h"
#include "features/feature.h"
#include "event/links.h"
#include "event/ticket_document.h"
#include "http/work.h"
#include "http/reply.h"
#include "http/source.h"
#include "security/ticket.h"
#include "statements.h"
#include "view/locale.h"
#include "view/qr.h"

enum { PNG_PIXELS_PER_MODULE = 8 };

enum state {
    STATE_NONE,
    STATE_VALID,
    STATE_EXPIRED,
    STATE_REPLACED,
    STATE_CANCELLED,
    STATE_EVENT_CANCELLED,
    STATE_NOT_CONFIRMED
};

static const char *const state_names[] = {
    [STATE_VALID] = "valid",
    [STATE_EXPIRED] = "expired",
    [STATE_REPLACED] = "replaced",
    [STATE_CANCELLED] = "cancelled",
    [STATE_EVENT_CANCELLED] = "cancelled",
    [STATE_NOT_CONFIRMED] = "not_confirmed",
};

/* The data of all answers; texts live in the request's arena. */
struct shown {
    struct request *request;
    void (*answer)(const struct shown *shown);
    struct ticket_link link; /* new: the event or the key may have changed */
    struct id ticket_id, attendee_id;
    int64_t expires_at_us;
    enum state state;
    enum registration_status status; /* of the attendee */
    const char *name, *ticket_type;
};

static enum state state_of(const struct shown *shown, const struct rows *rows)
{
    if (rows_bool(rows, 0, "replaced"))
        return STATE_REPLACED;
    if (request_event(shown->request)->cancelled && shown->status != REGISTRATION_STATUS_CANCELLED)
        return STATE_EVENT_CANCELLED;
    switch (shown->status) {
    case REGISTRATION_STATUS_CANCELLED:
        return STATE_CANCELLED;
    case REGISTRATION_STATUS_UNVERIFIED:
    case REGISTRATION_STATUS_PENDING:
    case REGISTRATION_STATUS_WAITLISTED:
        return STATE_NOT_CONFIRMED;
    case REGISTRATION_STATUS_CONFIRMED:
        return clock_now_us() >= shown->expires_at_us ? STATE_EXPIRED : STATE_VALID;
    case REGISTRATION_STATUS_NONE:
        break;
    }
    return STATE_NONE;
}

static void on_found(void *context, const struct db_result *result)
{
    struct shown *shown = context;
    struct request *request = shown->request;
    struct arena *arena = request_arena(request);
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    if (rows_count(result->rows) == 0) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    shown->attendee_id = rows_id(result->rows, 0, "attendee_id");
    shown->name = arena_copy(arena, rows_text(result->rows, 0, "name"));
    shown->ticket_type = arena_copy(arena, rows_text(result->rows, 0, "ticket_type"));
    shown->status = ticket_show_status(result->rows, 0);
    shown->expires_at_us = rows_time(result->rows, 0, "expires_at");
    shown->state = state_of(shown, result->rows);
    if (shown->state == STATE_NONE) {
        reply_refuse(request, 500, "internal");
        return;
    }
    shown->link = link_ticket(request_worker(request), request_event(request), &shown->ticket_id,
                              shown->expires_at_us, arena);
    request_prefer_locale(request, locale_find(request_worker(request)->locales,
                                               rows_text(result->rows, 0, "language")));
    reply_header(request, "X-Robots-Tag", "noindex, nofollow");
    reply_header(request, "Cache-Control", "private, no-cache");
    shown->answer(shown);
}

static void find(struct request *request, void (*answer)(const struct shown *shown))
{
    struct worker *worker = request_worker(request);
    struct arena *arena = request_arena(request);
    const struct event *event = request_event(request);
    struct shown *shown = arena_alloc(arena, sizeof *shown);
    const char *given = request_path(request, "ticket");
    shown->request = request;
    shown->answer = answer;
    struct ticket_claims claims;
    if (ticket_read(worker->keyring, given, &claims) != TICKET_GENUINE) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    shown->ticket_id = claims.id;
    db_ask(
        worker->db,
        ticket_show_params(&(struct ticket_show){.event_id = &event->id, .ticket_id = &claims.id}),
        on_found, shown);
}

/* --- As JSON and as a page ------------------------------------------------------------------- */

static json_t *make_event(const struct event *event, const char *language)
{
    json_t *view =
        json_pack("{s:s, s:s, s:s, s:o, s:o, s:b}", "slug", event->slug, "title",
                  event_text(event, &event->title, language), "timezone", event->timezone,
                  "starts_at", view_time(event->starts_at_us), "ends_at",
                  view_time(event->ends_at_us), "cancelled", event->cancelled);
    if (event->venue_name)
        json_object_set_new(
            view, "venue",
            json_pack("{s:s, s:s?}", "name", event->venue_name, "address", event->venue_address));
    return view;
}

/* The holder of a replaced ticket must not see the new holder. */
static json_t *make_attendee(const struct shown *shown)
{
    struct request *request = shown->request;
    const char *title = event_type_title(request_event(request), shown->ticket_type,
                                         request_locale(request), request_arena(request));
    if (shown->state == STATE_REPLACED)
        return json_null();
    char number[ID_NUMBER_BYTES];
    id_number(&shown->attendee_id, number);
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", shown->name, "number", number,
                     "ticket_type", shown->ticket_type, "ticket_type_title", title, "status",
                     registration_status_name(shown->status));
}

static void add_qr(json_t *view, const struct shown *shown)
{
    struct buffer svg;
    buffer_init(&svg);
    if (qr_svg(shown->link.token, shown->name, &svg))
        json_object_set_new(view, "qr", json_string(buffer_text(&svg)));
    buffer_finish(&svg);
}

/* Adds values for the template. */
static void add_for_page(json_t *view, const struct shown *shown)
{
    enum { DATE = 10 };
    const struct event *event = request_event(shown->request);
    bool is_one_day = strncmp(event->starts_at, event->ends_at, DATE) == 0;
    json_object_set_new(
        view, "title",
        json_string(event_text(event, &event->title, locale_code(request_locale(shown->request)))));
    json_object_set_new(view, "organiser", json_pack("{s:s?}", "name", event->organiser_name));
    const char *section =
        shown->state == STATE_EVENT_CANCELLED ? "event_cancelled" : state_names[shown->state];
    json_object_set_new(view, "is", json_pack("{s:b}", section, true));
    json_object_set_new(view, "local",
                        json_pack("{s:s, s:s, s:b}", "starts_at", event->starts_at, "ends_at",
                                  event->ends_at, "is_one_day", is_one_day));
    if (shown->state == STATE_VALID)
        add_qr(view, shown);
}

static json_t *make_url(const struct shown *shown, const char *file)
{
    return json_string(arena_printf(request_arena(shown->request), "%s/%s", shown->link.url, file));
}

static void answer_view(const struct shown *shown)
{
    const char *language = locale_code(request_locale(shown->request));
    json_t *view = json_pack(
        "{s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "token", shown->link.token, "url",
        shown->link.url, "qr_svg_url", make_url(shown, "qr.svg"), "qr_png_url",
        make_url(shown, "qr.png"), "pdf_url", make_url(shown, "ticket.pdf"), "calendar_url",
        make_url(shown, "calendar.ics"), "state", state_names[shown->state], "expires_at",
        view_time(shown->expires_at_us), "event",
        make_event(request_event(shown->request), language), "attendee", make_attendee(shown));
    if (request_is_page(shown->request))
        add_for_page(view, shown);
    reply_view(shown->request, 200, view);
}

void ticket_page_show(struct request *request)
{
    find(request, answer_view);
}

/* --- The QR code alone ----------------------------------------------------------------------- */

static void answer_code(const struct shown *shown, const char *content_type, bool is_written,
                        struct buffer *image)
{
    if (shown->state != STATE_VALID)
        reply_refuse(shown->request, 410, "ticket_not_valid");
    else if (is_written)
        reply_bytes(shown->request, 200, content_type, image->bytes, image->length);
    else
        reply_refuse(shown->request, 500, "internal");
    buffer_finish(image);
}

static void answer_svg(const struct shown *shown)
{
    struct buffer image;
    buffer_init(&image);
    bool is_written = qr_svg(shown->link.token, shown->name, &image);
    answer_code(shown, "image/svg+xml", is_written, &image);
}

static void answer_png(const struct shown *shown)
{
    struct buffer image;
    buffer_init(&image);
    bool is_written = qr_png(shown->link.token, PNG_PIXELS_PER_MODULE, &image);
    answer_code(shown, "image/png", is_written, &image);
}

void ticket_page_svg(struct request *request)
{
    find(request, answer_svg);
}

void ticket_page_png(struct request *request)
{
    find(request, answer_png);
}

/* --- To print -------------------------------------------------------------------------------- */

/* Work for the pool. */
struct printing {
    struct ticket_document *document;
    struct buffer file;
    bool is_written;
};

static void print(void *context)
{
    struct printing *printing = context;
    printing->is_written = ticket_document_write(printing->document, &printing->file);
}

static void on_printed(struct request *request, void *context)
{
    struct printing *printing = context;
    if (request && printing->is_written) {
        reply_file_name(request, REPLY_INLINE, ticket_document_name(printing->document));
        reply_bytes(request, 200, "application/pdf", printing->file.bytes, printing->file.length);
    } else if (request) {
        reply_refuse(request, 500, "internal");
    }
    ticket_document_destroy(printing->document);
    buffer_finish(&printing->file);
    free(printing);
}

static void answer_pdf(const struct shown *shown)
{
    struct request *request = shown->request;
    const struct event *event = request_event(request);
    if (shown->state != STATE_VALID) {
        reply_refuse(request, 410, "ticket_not_valid");
        return;
    }
    if (!request_takes(request,
                       &(struct pace_key){.limit = PACE_PRINTS, .scope = &shown->ticket_id})) {
        reply_refuse(request, 429, "printed_often");
        return;
    }
    struct printing *printing = memory_alloc(sizeof *printing);
    buffer_init(&printing->file);
    printing->document = ticket_document_create(event, request_locale(request), 1);
    ticket_document_add(printing->document, event,
                        &(struct ticket_holder){.name = shown->name,
                                                .attendee_id = shown->attendee_id,
                                                .ticket_type = shown->ticket_type,
                                                .link = shown->link});
    request_work(request, print, on_printed, printing);
}

void ticket_page_pdf(struct request *request)
{
    find(request, answer_pdf);
}

/* --- For a calendar -------------------------------------------------------------------------- */

static const char *say_ticket(const struct shown *shown)
{
    struct buffer text;
    json_t *data = json_pack("{s:s}", "url", shown->link.url);
    buffer_init(&text);
    locale_text(request_locale(shown->request), "ticket.in_calendar", data, &text);
    const char *copy = arena_copy(request_arena(shown->request), buffer_text(&text));
    buffer_finish(&text);
    json_decref(data);
    return copy;
}

static void answer_calendar(const struct shown *shown)
{
    struct request *request = shown->request;
    struct arena *arena = request_arena(request);
    const struct event *event = request_event(request);
    const struct locale *locale = request_locale(request);
    struct calendar_event calendar = event_calendar(request_worker(request), event, locale, arena);
    struct buffer file;
    /* Of a cancelled event, the file takes the entry out of the calendar. */
    if (shown->state != STATE_VALID && shown->state != STATE_EVENT_CANCELLED) {
        reply_refuse(request, 410, "ticket_not_valid");
        return;
    }
    calendar.description = say_ticket(shown);
    calendar.url = shown->link.url;
    buffer_init(&file);
    calendar_write(&calendar, &file);
    reply_file_name(request, REPLY_ATTACHMENT, event_calendar_name(event, locale, arena));
    reply_bytes(request, 200, calendar_content_type, file.bytes, file.length);
    buffer_finish(&file);
}

void ticket_page_calendar(struct request *request)
{
    find(request, answer_calendar);
}
