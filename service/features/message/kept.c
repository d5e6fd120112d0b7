#include "features/message/kept.h"

#include "base/clock.h"
#include "base/log.h"
#include "db/db.h"
#include "event/links.h"
#include "features/feature.h"
#include "features/message/composition.h"
#include "features/message/letter_text.h"
#include "features/message/messages.h"
#include "http/reply.h"
#include "statements.h"
#include "view/locale.h"

/* A letter has inline styles, no scripts, and only pictures of this service. */
#define LETTER_POLICY                                                                              \
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'"

/* Returns false after it has refused the request. */
static bool may_read(struct request *request)
{
    const struct worker *worker = request_worker(request);
    const char *key = request_query(request, "key");
    bool is_good =
        key && link_messages_key_is_good(worker, request_event(request), key, clock_now_us());
    if (is_good && *worker->config->smtp == '\0') {
        reply_header(request, "X-Robots-Tag", "noindex, nofollow");
        return true;
    }
    reply_refuse(request, 404, "not_found");
    return false;
}

/* Returns the address of a page below /events/{event}/messages, with the key. */
static const char *address(struct request *request, const char *rest)
{
    return arena_printf(request_arena(request), "/events/%s/messages%s?key=%s",
                        request_event(request)->slug, rest, request_query(request, "key"));
}

static json_t *event_json(struct request *request)
{
    const struct event *event = request_event(request);
    return json_pack("{s:s, s:s}", "slug", event->slug, "title",
                     event_text(event, &event->title, locale_code(request_locale(request))));
}

static json_t *organiser_json(struct request *request)
{
    return json_pack("{s:s}", "name", request_event(request)->organiser_name);
}

static json_t *wording(struct request *request, const char *key, const char *name)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(request),
                arena_printf(request_arena(request), "message.%s%s", key, name), NULL, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

/* --- The list -------------------------------------------------------------------------------- */

static json_t *headline(struct request *request, const char *kind)
{
    return wording(request, kind, ".headline");
}

static json_t *item(struct request *request, const struct rows *rows, int row)
{
    const char *rest =
        arena_printf(request_arena(request), "/%s/%s", rows_text(rows, row, "registration_id"),
                     rows_text(rows, row, "message_id"));
    return json_pack("{s:s, s:s, s:o, s:o}", "link", address(request, rest), "to",
                     rows_text(rows, row, "recipient"), "headline",
                     headline(request, rows_text(rows, row, "kind")), "state",
                     wording(request, "state_", rows_text(rows, row, "state")));
}

static void on_listed(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    json_t *letters = json_array();
    for (int row = 0; row < rows_count(result->rows); row++)
        json_array_append_new(letters, item(request, result->rows, row));
    reply_page(request, 200, "features/message/kept.html",
               json_pack("{s:o, s:o, s:b, s:b, s:i, s:o}", "event", event_json(request),
                         "organiser", organiser_json(request), "has_letters",
                         json_array_size(letters) > 0, "is_cut",
                         json_array_size(letters) == KEPT_LIST_MOST, "most", KEPT_LIST_MOST,
                         "letters", letters));
}

void kept_list(struct request *request)
{
    if (!may_read(request))
        return;
    struct params *params = message_list_params(
        &(struct message_list){.event_id = &request_event(request)->id, .most = KEPT_LIST_MOST});
    db_run(request_worker(request)->db, &(struct db_query){.lane = DB_SLOW,
                                                           .run = params,
                                                           .again = true,
                                                           .on_done = on_listed,
                                                           .context = request});
}

/* --- One letter ------------------------------------------------------------------------------ */

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

/* A queued message that is no longer true would not be sent. */
static enum message_state state(struct request *request, const struct posting *posting)
{
    bool is_queued = posting->state == MESSAGE_STATE_QUEUED;
    bool holds = posting_holds(posting, request_event(request), clock_now_us());
    return is_queued && !holds ? MESSAGE_STATE_OBSOLETE : posting->state;
}

static void show(struct request *request, const struct posting *posting)
{
    struct letter_text letter;
    if (!write_letter(request, posting, &letter))
        return;
    const char *rest =
        arena_printf(request_arena(request), "/%s/%s", request_path(request, "registration"),
                     request_path(request, "message"));
    reply_page(
        request, 200, "features/message/kept_letter.html",
        json_pack(
            "{s:o, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "event", event_json(request),
            "organiser", organiser_json(request), "subject", letter.subject, "to",
            posting->recipient, "text", letter.text, "list_link", address(request, ""), "html_link",
            address(request, arena_printf(request_arena(request), "%s/html", rest)), "file_link",
            address(request, arena_printf(request_arena(request), "%s/file", rest)), "state",
            wording(request, "state_", message_state_name(state(request, posting)))));
}

void kept_show(struct request *request)
{
    if (may_read(request))
        messages_look(request, show);
}

static void show_html(struct request *request, const struct posting *posting)
{
    struct letter_text letter;
    if (!write_letter(request, posting, &letter))
        return;
    reply_header(request, "Content-Security-Policy", LETTER_POLICY);
    reply_bytes(request, 200, "text/html; charset=utf-8", letter.html, strlen(letter.html));
}

void kept_html(struct request *request)
{
    if (may_read(request))
        messages_look(request, show_html);
}

static void on_composed(void *context, const struct letter *letter)
{
    struct request *request = context;
    const char *flaw = NULL;
    struct buffer bytes;
    buffer_init(&bytes);
    if (letter && letter_write(letter, &bytes, &flaw)) {
        reply_header(request, "Content-Disposition", "attachment; filename=\"mail.eml\"");
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

void kept_file(struct request *request)
{
    if (may_read(request))
        messages_look(request, compose);
}
