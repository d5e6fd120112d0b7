#include "features/invitation/sending.h"

#include <string.h>

#include "base/clock.h"
#include "event/event.h"
#include "features/invitation/invitation.h"
#include "features/invitation/invitation_letter.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/desk.h"
#include "http/reply.h"
#include "mail/letter.h"
#include "view/locale.h"
#include "worker.h"

static const char page_template[] = "features/invitation/sending.html";

/* Only pages of the same site show it in a frame. */
#define PREVIEW_POLICY                                                                             \
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "                \
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

struct sending {
    struct request *request;
    enum invitation_mail_kind kind;
    struct id sending_id, invitation_id; /* zero: everybody */
    json_t *words;                       /* {"de": "…"}, a reference until it is sent */
    json_t *errors;                      /* a reference; NULL: none */
};

/* --- What is sent ---------------------------------------------------------------------------- */

/* The own words in each language of the event. */
static void read_words(const struct form_place *place, const struct form_field *field, void *values)
{
    const struct event *event = place->reading->context;
    struct sending *sending = values;
    (void)field;
    for (size_t i = 0; i < event->language_count; i++) {
        const struct form_field text = {event->languages[i], KIND_LONG_TEXT,
                                        .bytes = sizeof(const char *),
                                        .most = INVITATION_WORDS_MOST};
        const struct form_place one = form_member(place, event->languages[i]);
        const char *words = NULL;
        if (form_read_value(&one, &text, &words))
            json_object_set_new(sending->words, event->languages[i], json_string(words));
    }
}

static const struct form_field fields[] = {
    {"words", .read = read_words},
    {"sending", KIND_ID, FORM_AT(struct sending, sending_id)},
};
static const struct form form = FORM(struct sending, fields);

/* An invitation unless it names a reminder. */
static enum invitation_mail_kind read_kind(const char *name)
{
    enum invitation_mail_kind kind = invitation_mail_kind_parse(name);
    return kind ? kind : INVITATION_MAIL_KIND_INVITATION;
}

static struct sending *begin(struct request *request, enum invitation_mail_kind kind)
{
    struct sending *sending = arena_alloc(request_arena(request), sizeof *sending);
    request_locale(request); /* reads headers, which is possible only now */
    *sending = (struct sending){.request = request, .kind = kind, .words = json_object()};
    if (request_body(request))
        sending->errors = form_read_body(request, &form, request_event(request), sending);
    sending->request = request;
    if (id_is_zero(&sending->sending_id))
        id_make_in(request_event(request)->number, &sending->sending_id);
    return sending;
}

/* What stands in the way, as the key of a word; NULL: nothing. */
static const char *obstacle(struct request *request)
{
    const struct event *event = request_event(request);
    int64_t now_us = clock_now_us();
    if (event->cancelled)
        return "cancelled";
    if (!event->published)
        return "draft";
    if (now_us >= event->closes_at_us || now_us >= event->ends_at_us)
        return "closed";
    if (now_us < event->opens_at_us)
        return "early";
    return NULL;
}

/* --- The page -------------------------------------------------------------------------------- */

static bool reminds(const struct sending *sending)
{
    return sending->kind == INVITATION_MAIL_KIND_REMINDER;
}

static const char *page_of(const struct sending *sending)
{
    return reminds(sending) ? "/remind" : "/send";
}

static json_t *language_fields(const struct sending *sending)
{
    struct request *request = sending->request;
    struct arena *arena = request_arena(request);
    const struct event *event = request_event(request);
    const json_t *typed = json_object_get(request_body(request), "words");
    json_t *views = json_array();
    for (size_t i = 0; i < event->language_count; i++) {
        const char *code = event->languages[i];
        const char *key = arena_printf(arena, "editor.language.%s", code);
        json_t *field = field_view_plain(sending->errors, arena_printf(arena, "words.%s", code),
                                         json_object_get(typed, code));
        json_object_set_new(field, "code", json_string(code));
        json_object_set_new(field, "language_name", invitation_word(request, key, NULL));
        json_array_append_new(views, field);
    }
    return views;
}

static void on_outlook(void *context, const struct db_result *result)
{
    const struct sending *sending = context;
    struct request *request = sending->request;
    if (result->outcome != DB_DONE) {
        json_decref(sending->words);
        json_decref(sending->errors);
        reply_failed(request, result);
        return;
    }
    bool reminder = reminds(sending);
    int64_t many = rows_number(result->rows, 0, "count");
    const char *stop = obstacle(request);
    json_t *problems = field_view_problems(request_arena(request), sending->errors, false);
    json_t *view = json_pack(
        "{s:s, s:s, s:s, s:b, s:I, s:b, s:I, s:o, s:o, s:b, s:o, s:b, s:b}", "list",
        invitation_path(request, ""), "action", invitation_path(request, page_of(sending)), "add",
        invitation_path(request, "/add"), "reminds", reminder, "count", (json_int_t)many, "ready",
        many > 0 && !stop, "too_soon", (json_int_t)rows_number(result->rows, 0, "too_soon"),
        "sending", view_id(&sending->sending_id), "languages", language_fields(sending),
        "has_problems", json_array_size(problems) > 0, "problems", problems, "no_server",
        !invitation_has_mail(request), "is_several", request_event(request)->language_count > 1);
    if (stop) {
        json_object_set_new(view, "obstacle", json_pack("{s:b}", stop, true));
        json_object_set_new(
            view, "publish",
            json_string(arena_printf(request_arena(request), "/desk/events/%s/publish",
                                     request_event(request)->slug)));
    }
    if (many > 0)
        json_object_set_new(view, "letter",
                            json_string(invitation_path(
                                request, arena_printf(request_arena(request), "/%s/letter?kind=%s",
                                                      rows_text(result->rows, 0, "first_id"),
                                                      invitation_mail_kind_name(sending->kind)))));
    int status = sending->errors ? 422 : 200;
    desk_allow_frame(request);
    json_decref(sending->words);
    json_decref(sending->errors);
    reply_page(request, status, page_template, view);
}

static void show(struct sending *sending)
{
    struct request *request = sending->request;
    struct params *params = invitation_outlook_params(&(struct invitation_outlook){
        .event_id = &request_event(request)->id, .mail_kind = sending->kind});
    db_run(request_worker(request)->db, &(struct db_query){.lane = DB_SLOW,
                                                           .run = params,
                                                           .again = true,
                                                           .on_done = on_outlook,
                                                           .context = sending});
}

void sending_show_invitation(struct request *request)
{
    show(begin(request, INVITATION_MAIL_KIND_INVITATION));
}

void sending_show_reminder(struct request *request)
{
    show(begin(request, INVITATION_MAIL_KIND_REMINDER));
}

/* --- Sending --------------------------------------------------------------------------------- */

static void on_sent(void *context, const struct db_result *result)
{
    const struct sending *sending = context;
    struct request *request = sending->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    int64_t many = rows_number(result->rows, 0, "count");
    if (request_is_desk(request))
        reply_see_other(
            request, invitation_path(
                         request, arena_printf(request_arena(request), "?done=invitation.%s&n=%lld",
                                               many > 0 ? "sent" : "sent_none", (long long)many)));
    else
        reply_view(request, 200, json_pack("{s:I}", "count", (json_int_t)many));
}

static void send(struct sending *sending)
{
    struct request *request = sending->request;
    const char *stop = obstacle(request);
    if (sending->errors && !request_is_desk(request)) {
        json_decref(sending->words);
        form_refuse(request, sending->errors);
        return;
    }
    if (stop && !request_is_desk(request)) {
        json_decref(sending->words);
        reply_refuse(request, 409, "invitations_not_possible");
        return;
    }
    if (sending->errors || stop) {
        show(sending);
        return;
    }
    char *words = json_dumps(sending->words, JSON_COMPACT);
    invitation_run_locked(
        request,
        invitation_send_params(&(struct invitation_send){
            .event_id = &request_event(request)->id,
            .sending_id = &sending->sending_id,
            .mail_kind = sending->kind,
            .words = words,
            .invitation_id = id_is_zero(&sending->invitation_id) ? NULL : &sending->invitation_id,
            .actor = request_caller(request)->label}),
        on_sent, sending);
    free(words);
    json_decref(sending->words);
}

void sending_send_invitation(struct request *request)
{
    send(begin(request, INVITATION_MAIL_KIND_INVITATION));
}

void sending_send_reminder(struct request *request)
{
    send(begin(request, INVITATION_MAIL_KIND_REMINDER));
}

void sending_send_one(struct request *request)
{
    enum invitation_mail_kind kind =
        read_kind(json_string_value(json_object_get(request_body(request), "kind")));
    struct id id;
    if (!invitation_read_id(request, &id))
        return;
    json_object_del(request_body(request), "kind");
    struct sending *sending = begin(request, kind);
    sending->invitation_id = id;
    send(sending);
}

/* --- The mail -------------------------------------------------------------------------------- */

static void reply_letter(const struct sending *sending, const struct rows *rows)
{
    struct request *request = sending->request;
    struct arena *arena = request_arena(request);
    const char *language = rows_text(rows, 0, "language");
    const char *kept =
        rows_is_null(rows, 0, "kept_until") ? NULL : rows_text(rows, 0, "kept_until");
    const struct invitation_letter about = {
        .invitation_id = sending->invitation_id,
        .reminds = reminds(sending),
        .name = rows_text(rows, 0, "name"),
        .email = rows_text(rows, 0, "email"),
        .language = language,
        .good_for = rows_number(rows, 0, "good_for"),
        .own_words = json_string_value(json_object_get(sending->words, language)),
        .kept_until = kept,
    };
    const struct letter *letter =
        invitation_letter_make(request_worker(request), request_event(request), &about, arena);
    json_decref(sending->words);
    json_decref(sending->errors);
    if (!letter) {
        reply_refuse(request, 500, "internal");
        return;
    }
    reply_header(request, "Content-Security-Policy", PREVIEW_POLICY);
    reply_page(request, 200, "features/message/preview.html",
               json_pack("{s:[{s:s, s:s, s:s, s:s}]}", "letters", "language", letter->language,
                         "to", letter->to.address, "subject", letter->subject, "text",
                         letter->text));
}

static void on_letter(void *context, const struct db_result *result)
{
    const struct sending *sending = context;
    if (result->outcome == DB_DONE && rows_count(result->rows) > 0) {
        reply_letter(sending, result->rows);
        return;
    }
    json_decref(sending->words);
    json_decref(sending->errors);
    if (result->outcome != DB_DONE)
        reply_failed(sending->request, result);
    else
        reply_refuse(sending->request, 404, "not_found");
}

void sending_preview(struct request *request)
{
    struct sending *sending = begin(request, read_kind(request_query(request, "kind")));
    if (!id_parse(request_path(request, "invitation"), &sending->invitation_id)) {
        json_decref(sending->words);
        json_decref(sending->errors);
        reply_refuse(request, 404, "not_found");
        return;
    }
    db_ask(request_worker(request)->db,
           invitation_reader_params(&(struct invitation_reader){
               .event_id = &request_event(request)->id, .invitation_id = &sending->invitation_id}),
           on_letter, sending);
}
