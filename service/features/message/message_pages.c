#include "features/message/message_pages.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "db/db.h"
#include "features/feature.h"
#include "features/message/composition.h"
#include "event/explanation.h"
#include "event/sender_problem.h"
#include "features/message/letter_text.h"
#include "http/reply.h"
#include "statements.h"
#include "view/locale.h"

/* That of every page of ours (http/reply.c), and the frame of the letter. */
#define PAGE_POLICY                                                                                \
    "default-src 'none'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "            \
    "form-action 'self'; base-uri 'none'; manifest-src 'self'; font-src 'self'; "                  \
    "style-src 'self'; frame-src 'self'; frame-ancestors 'none'"

enum { COUNTED_MOST = 1000 };

static const enum message_state states[] = {MESSAGE_STATE_FAILED, MESSAGE_STATE_BOUNCED,
                                            MESSAGE_STATE_HELD,   MESSAGE_STATE_QUEUED,
                                            MESSAGE_STATE_SENT,   MESSAGE_STATE_OBSOLETE};

static json_t *wording(struct request *request, const char *before, const char *name)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(request),
                arena_printf(request_arena(request), "message.%s%s", before, name), NULL, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

static const char *base(struct request *request, const char *rest)
{
    return arena_printf(request_arena(request), "/desk/events/%s/messages%s",
                        request_event(request)->slug, rest);
}

static bool has_server(const struct request *request)
{
    return *request_worker(request)->config->smtp != '\0';
}

/* --- A message ------------------------------------------------------------------------------- */

static const char *look_of(enum message_state state)
{
    if (state == MESSAGE_STATE_SENT)
        return "go";
    if (state == MESSAGE_STATE_FAILED || state == MESSAGE_STATE_BOUNCED)
        return "stop";
    return state == MESSAGE_STATE_HELD ? "look" : "";
}

/* Adds what the pages show of a message to its view. */
static void add_words(struct request *request, const struct rows *rows, int row, json_t *view)
{
    enum message_state state = message_list_state(rows, row);
    const char *look = look_of(state), *kind = rows_text(rows, row, "kind");
    const char *path = base(request, arena_printf(request_arena(request), "/%s/%s",
                                                  rows_text(rows, row, "registration_id"),
                                                  rows_text(rows, row, "message_id")));
    const struct explained explained = {
        .state = state,
        .code = (int)rows_number(rows, row, "code"),
        .words = rows_text(rows, row, "words"),
        .has_server = has_server(request),
    };
    const char *key = explanation_key(&explained);
    json_object_set_new(view, "href", json_string(path));
    json_object_set_new(view, "title", wording(request, "kind_", kind));
    json_object_set_new(view, "state_words", wording(request, "state_", message_state_name(state)));
    if (*look)
        json_object_set_new(view, "look", json_string(look));
    if (key)
        json_object_set_new(view, "explained", wording(request, "explain.", key));
    if (state == MESSAGE_STATE_FAILED || state == MESSAGE_STATE_BOUNCED)
        json_object_set_new(view, "retry",
                            json_string(arena_printf(request_arena(request), "%s/retry", path)));
    if (!rows_is_null(rows, row, "person_id"))
        json_object_set_new(
            view, "person",
            json_pack("{s:s, s:s}", "name", rows_text(rows, row, "person"), "href",
                      arena_printf(request_arena(request), "/desk/events/%s/attendees/%s",
                                   request_event(request)->slug,
                                   rows_text(rows, row, "person_id"))));
    json_object_set_new(view, "written_at", json_string(rows_text(rows, row, "created_local")));
    if (state == MESSAGE_STATE_SENT || state == MESSAGE_STATE_BOUNCED)
        json_object_set_new(view, "sent_local", json_string(rows_text(rows, row, "sent_local")));
    if (state == MESSAGE_STATE_QUEUED && rows_number(rows, row, "tries") > 0)
        json_object_set_new(view, "next_try", json_string(rows_text(rows, row, "due_local")));
}

/* --- The list -------------------------------------------------------------------------------- */

struct listing {
    struct request *request;
    const struct messages_asked *asked;
    json_t *view; /* a reference */
};

/* The address of the list with this state and cursor, and the other filters. */
static const char *list_href(const struct listing *listing, enum message_state state,
                             const char *cursor)
{
    const struct messages_asked *asked = listing->asked;
    const char *name = state ? message_state_name(state) : "";
    struct buffer href;
    buffer_init(&href);
    buffer_add_text(&href, base(listing->request, "?state="));
    buffer_add_text(&href, name);
    if (asked->kind)
        buffer_printf(&href, "&kind=%s", message_kind_name(asked->kind));
    if (asked->query) {
        buffer_add_text(&href, "&q=");
        percent_encode(&href, asked->query);
    }
    if (cursor)
        buffer_printf(&href, "&cursor=%s", cursor);
    const char *copy = arena_copy(request_arena(listing->request), buffer_text(&href));
    buffer_finish(&href);
    return copy;
}

/* The number is cut at COUNTED_MOST. */
static json_t *tab(const struct listing *listing, enum message_state state, int64_t count)
{
    const char *name = state ? message_state_name(state) : "any";
    json_t *view =
        json_pack("{s:o, s:s, s:b}", "text", wording(listing->request, "state_", name), "href",
                  list_href(listing, state, NULL), "current", listing->asked->state == state);
    if (count > 0)
        json_object_set_new(view, "count", json_integer((json_int_t)count));
    if (count == COUNTED_MOST)
        json_object_set_new(view, "more", json_true());
    return view;
}

static json_t *kinds_view(const struct listing *listing)
{
    static const enum message_kind all[] = {
        MESSAGE_KIND_CONFIRMED,
        MESSAGE_KIND_WAITLISTED,
        MESSAGE_KIND_PROMOTED,
        MESSAGE_KIND_PENDING,
        MESSAGE_KIND_APPROVED,
        MESSAGE_KIND_DECLINED,
        MESSAGE_KIND_UNVERIFIED,
        MESSAGE_KIND_EXPIRED,
        MESSAGE_KIND_CHANGED,
        MESSAGE_KIND_CANCELLED,
        MESSAGE_KIND_PLACE_CANCELLED,
        MESSAGE_KIND_HANDED_ON,
        MESSAGE_KIND_HANDED_OVER,
        MESSAGE_KIND_REMINDER,
        MESSAGE_KIND_EVENT_CHANGED,
        MESSAGE_KIND_EVENT_CANCELLED,
        MESSAGE_KIND_EVENT_REVIVED,
        MESSAGE_KIND_RESENT,
        MESSAGE_KIND_ALREADY_REGISTERED,
        MESSAGE_KIND_MAILING,
        MESSAGE_KIND_MAILING_TEST,
    };
    json_t *options = json_array();
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const char *slug = message_kind_name(all[i]);
        json_array_append_new(options, json_pack("{s:s, s:o, s:b}", "slug", slug, "label",
                                                 wording(listing->request, "kind_", slug), "chosen",
                                                 listing->asked->kind == all[i]));
    }
    return options;
}

/* {"count", "more", "one"}; null: there is none */
static json_t *count_view(int64_t count)
{
    return count > 0 ? json_pack("{s:I, s:b, s:b}", "count", (json_int_t)count, "more",
                                 count == COUNTED_MOST, "one", count == 1)
                     : json_null();
}

static void add_filters(const struct listing *listing, const struct rows *rows)
{
    int64_t failed = rows_number(rows, 0, "failed"), bounced = rows_number(rows, 0, "bounced");
    const int64_t counts[] = {[MESSAGE_STATE_FAILED] = failed,
                              [MESSAGE_STATE_BOUNCED] = bounced,
                              [MESSAGE_STATE_HELD] = rows_number(rows, 0, "held"),
                              [MESSAGE_STATE_OBSOLETE] = 0};
    const struct messages_asked *asked = listing->asked;
    const char *cursor = json_string_value(json_object_get(listing->view, "next"));
    const char *state = asked->state ? message_state_name(asked->state) : "";
    bool is_filtered = asked->state || asked->kind || asked->query;
    json_t *tabs = json_array();
    json_array_append_new(tabs, tab(listing, MESSAGE_STATE_NONE, 0));
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        json_array_append_new(tabs, tab(listing, states[i], counts[states[i]]));
    json_object_set_new(listing->view, "tabs", tabs);
    json_object_set_new(listing->view, "kinds", kinds_view(listing));
    json_object_set_new(listing->view, "query", json_string(asked->query ? asked->query : ""));
    json_object_set_new(listing->view, "state", json_string(state));
    json_object_set_new(listing->view, "is_filtered", json_boolean(is_filtered));
    if (cursor)
        json_object_set_new(listing->view, "next_href",
                            json_string(list_href(listing, asked->state, cursor)));
    if (asked->before_us)
        json_object_set_new(listing->view, "first_href",
                            json_string(list_href(listing, asked->state, NULL)));
    json_object_set_new(listing->view, "failed", count_view(failed));
    json_object_set_new(listing->view, "bounced", count_view(bounced));
    json_object_set_new(listing->view, "unreached", json_boolean(failed > 0 || bounced > 0));
    json_object_set_new(listing->view, "retry_all", json_string(base(listing->request, "/retry")));
}

static void on_counted(void *context, const struct db_result *result)
{
    const struct listing *listing = context;
    if (result->outcome != DB_DONE) {
        json_decref(listing->view);
        reply_failed(listing->request, result);
        return;
    }
    add_filters(listing, result->rows);
    reply_page(listing->request, 200, "features/message/messages.html", listing->view);
}

void message_pages_reply_list(struct request *request, const struct messages_asked *asked,
                              const struct rows *rows, json_t *view)
{
    struct listing *listing = arena_alloc(request_arena(request), sizeof *listing);
    json_t *messages = json_object_get(view, "messages"), *message;
    size_t i;
    *listing = (struct listing){.request = request, .asked = asked, .view = view};
    json_array_foreach (messages, i, message)
        add_words(request, rows, (int)i, message);
    json_object_set_new(view, "has_messages", json_boolean(json_array_size(messages) > 0));
    json_object_set_new(view, "no_server", json_boolean(!has_server(request)));
    json_object_set_new(
        view, "sender_href",
        json_string(arena_printf(request_arena(request), "/desk/events/%s/messages/sender",
                                 request_event(request)->slug)));
    json_object_set_new(view, "sender", sender_problem(request));
    json_object_set_new(view, "may_edit", json_boolean(request_role(request) & WHO_EDITORS));
    json_object_set_new(view, "action", json_string(base(request, "")));
    struct params *params = message_count_params(
        &(struct message_count){.event_id = &request_event(request)->id, .most = COUNTED_MOST});
    db_run(request_worker(request)->db, &(struct db_query){.lane = DB_SLOW,
                                                           .run = params,
                                                           .again = true,
                                                           .on_done = on_counted,
                                                           .context = listing});
}

/* --- One message ----------------------------------------------------------------------------- */

/* Returns false after it has refused the request. */
static bool write_letter(struct request *request, const struct posting *posting,
                         struct letter_text *ret_letter)
{
    if (letter_text_make(request_worker(request), request_event(request), posting,
                         LETTER_FOR_BROWSER, request_arena(request), ret_letter))
        return true;
    reply_refuse(request, 500, "internal");
    return false;
}

struct reading {
    struct request *request;
    struct letter_text letter;
    bool holds; /* it is still true; else it will not be sent */
};

static void on_read(void *context, const struct db_result *result)
{
    const struct reading *reading = context;
    struct request *request = reading->request;
    if (result->outcome != DB_DONE || rows_count(result->rows) == 0) {
        if (result->outcome != DB_DONE)
            reply_failed(request, result);
        else
            reply_refuse(request, 404, "not_found");
        return;
    }
    json_t *view = json_pack("{s:s, s:s, s:s, s:s, s:i}", "list", base(request, ""), "subject",
                             reading->letter.subject, "text", reading->letter.text, "to",
                             rows_text(result->rows, 0, "recipient"), "tries",
                             (int)rows_number(result->rows, 0, "tries"));
    const char *words = rows_text(result->rows, 0, "words");
    add_words(request, result->rows, 0, view);
    if (*words && rows_number(result->rows, 0, "code") != 0)
        json_object_set_new(view, "words", json_string(words));
    if (message_list_state(result->rows, 0) == MESSAGE_STATE_QUEUED && !reading->holds) {
        json_object_set_new(view, "state_words", wording(request, "state_", "obsolete"));
        json_object_set_new(view, "explained", wording(request, "explain.", "overtaken"));
    }
    reply_header(request, "Content-Security-Policy", PAGE_POLICY);
    reply_page(request, 200, "features/message/message_page.html", view);
}

static void show(struct request *request, const struct posting *posting)
{
    const struct event *event = request_event(request);
    struct reading *reading = arena_alloc(request_arena(request), sizeof *reading);
    *reading = (struct reading){.request = request,
                                .holds = posting_holds(posting, event, clock_now_us())};
    request_locale(request); /* reads headers, which is possible only now */
    if (write_letter(request, posting, &reading->letter))
        db_ask(
            request_worker(request)->db,
            message_list_params(&(struct message_list){.event_id = &event->id,
                                                       .registration_id = &posting->registration_id,
                                                       .message_id = &posting->message_id,
                                                       .most = 1,
                                                       .timezone = event->timezone}),
            on_read, reading);
}

void message_pages_show(struct request *request)
{
    request_locale(request); /* reads headers, which is possible only now */
    messages_look(request, show);
}

static void show_html(struct request *request, const struct posting *posting)
{
    struct letter_text letter;
    if (!write_letter(request, posting, &letter))
        return;
    reply_header(request, "Content-Security-Policy", MESSAGE_LETTER_POLICY);
    reply_bytes(request, 200, "text/html; charset=utf-8", letter.html, strlen(letter.html));
}

void message_pages_html(struct request *request)
{
    messages_look(request, show_html);
}

static void on_composed(void *context, const struct letter *letter)
{
    struct request *request = context;
    const char *flaw = NULL;
    struct buffer bytes;
    buffer_init(&bytes);
    if (letter && letter_write(letter, &bytes, &flaw)) {
        reply_file_name(request, REPLY_ATTACHMENT, "mail.eml");
        reply_bytes(request, 200, "message/rfc822", bytes.bytes, bytes.length);
    } else {
        log_event(LOG_ERROR, "letter_failed", log_text("reason", flaw ? flaw : "no PDF"));
        reply_refuse(request, 500, "internal");
    }
    buffer_finish(&bytes);
}

static void compose(struct request *request, const struct posting *posting)
{
    if (!composition_start(request_worker(request), request_event(request), posting,
                           request_arena(request), on_composed, request))
        reply_busy(request, "busy");
}

void message_pages_file(struct request *request)
{
    messages_look(request, compose);
}
