#include "features/message/messages.h"

#include <limits.h>

#include "base/search.h"
#include "base/text.h"
#include "db/db.h"
#include "features/feature.h"
#include "features/message/letter_text.h"
#include "features/message/message_pages.h"
#include "form/form.h"
#include "http/reply.h"
#include "statements.h"

/* --- One message ----------------------------------------------------------------------------- */

struct look {
    struct request *request;
    void (*then)(struct request *request, const struct posting *posting);
};

static void go_on(const struct look *look, const struct posting *posting)
{
    if (posting_is_known(posting))
        look->then(look->request, posting);
    else
        reply_refuse(look->request, 500, "internal");
}

static void on_looked(void *context, const struct db_result *result)
{
    const struct look *look = context;
    int row = 0;
    if (result->outcome != DB_DONE)
        reply_failed(look->request, result);
    else if (rows_count(result->rows) == 0)
        reply_refuse(look->request, 404, "not_found");
    else
        go_on(look, posting_read_shown(request_arena(look->request), result->rows, &row));
}

/* Reads the ids of the path. Returns false after it has refused the request. */
static bool read_path(struct request *request, struct id *ret_registration, struct id *ret_message)
{
    if (id_parse(request_path(request, "registration"), ret_registration) &&
        id_parse(request_path(request, "message"), ret_message))
        return true;
    reply_refuse(request, 404, "not_found");
    return false;
}

void messages_look(struct request *request,
                   void (*then)(struct request *request, const struct posting *posting))
{
    struct id registration_id, message_id;
    if (!read_path(request, &registration_id, &message_id))
        return;
    struct look *look = arena_alloc(request_arena(request), sizeof *look);
    *look = (struct look){.request = request, .then = then};
    db_ask(request_worker(request)->db,
           message_show_params(&(struct message_show){.event_id = &request_event(request)->id,
                                                      .registration_id = &registration_id,
                                                      .message_id = &message_id}),
           on_looked, look);
}

static void reply_message(struct request *request, const struct posting *posting)
{
    struct letter_text letter;
    if (!letter_text_make(request_worker(request), request_event(request), posting,
                          LETTER_FOR_BROWSER, request_arena(request), &letter)) {
        reply_refuse(request, 500, "internal");
        return;
    }
    reply_view(request, 200,
               json_pack("{s:o, s:o, s:o, s:s, s:s, s:s, s:i, s:i, s:s, s:o, s:o, s:o, s:s, s:s, "
                         "s:s}",
                         "id", view_id(&posting->message_id), "registration",
                         view_id(&posting->registration_id), "attendee",
                         view_id(&posting->attendee_id), "kind", message_kind_name(posting->kind),
                         "state", message_state_name(posting->state), "to", posting->recipient,
                         "tries", posting->tries, "code", posting->code, "words", posting->words,
                         "created_at", view_time(posting->created_at_us), "due_at",
                         view_time(posting->due_at_us), "sent_at", view_time(posting->sent_at_us),
                         "subject", letter.subject, "text", letter.text, "html", letter.html));
}

void messages_show(struct request *request)
{
    messages_look(request, reply_message);
}

/* --- Retry ----------------------------------------------------------------------------------- */

/* Leads to the list, which says that `count` messages go out again. */
static void see_again(struct request *request, int64_t count)
{
    reply_see_other(request, arena_printf(request_arena(request),
                                          "/desk/events/%s/messages?done=message.again&n=%lld",
                                          request_event(request)->slug, (long long)count));
}

static void on_queued_again(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE)
        reply_failed(request, result);
    else if (rows_count(result->rows) == 0)
        reply_refuse(request, 409, "message_not_failed");
    else if (request_is_page(request))
        see_again(request, 1);
    else
        messages_show(request);
}

void messages_retry(struct request *request)
{
    struct id registration_id, message_id;
    if (!read_path(request, &registration_id, &message_id))
        return;
    db_ask(request_worker(request)->db,
           message_retry_params(&(struct message_retry){.event_id = &request_event(request)->id,
                                                        .registration_id = &registration_id,
                                                        .message_id = &message_id,
                                                        .actor = request_caller(request)->label}),
           on_queued_again, request);
}

static void on_all_queued_again(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    int64_t count = rows_number(result->rows, 0, "count");
    if (request_is_page(request))
        see_again(request, count);
    else
        reply_view(request, 200, json_pack("{s:I}", "count", (json_int_t)count));
}

void messages_retry_all(struct request *request)
{
    struct params *params = message_retry_all_params(
        &(struct message_retry_all){.event_id = &request_event(request)->id,
                                    .actor = request_caller(request)->label,
                                    .most = MESSAGES_RETRIED_MOST});
    db_run(request_worker(request)->db,
           &(struct db_query){
               .lane = DB_SLOW, .run = params, .on_done = on_all_queued_again, .context = request});
}

/* --- The list -------------------------------------------------------------------------------- */

struct list {
    struct request *request;
    struct messages_asked asked;
};

static json_t *item(const struct rows *rows, int row)
{
    return json_pack(
        "{s:o, s:o, s:o, s:s, s:s, s:s, s:I, s:I, s:s, s:o, s:o, s:o}", "id",
        view_id_of(rows, row, "message_id"), "registration",
        view_id_of(rows, row, "registration_id"), "attendee", view_id_of(rows, row, "attendee_id"),
        "kind", rows_text(rows, row, "kind"), "state", rows_text(rows, row, "state"), "to",
        rows_text(rows, row, "recipient"), "tries", (json_int_t)rows_number(rows, row, "tries"),
        "code", (json_int_t)rows_number(rows, row, "code"), "words", rows_text(rows, row, "words"),
        "created_at", view_time_of(rows, row, "created_at"), "due_at",
        view_time_of(rows, row, "due_at"), "sent_at", view_time_of(rows, row, "sent_at"));
}

static void on_listed(void *context, const struct db_result *result)
{
    const struct list *list = context;
    if (result->outcome != DB_DONE) {
        reply_failed(list->request, result);
        return;
    }
    int count = rows_count(result->rows);
    bool has_next = count > list->asked.limit;
    json_t *messages = json_array(), *view = json_pack("{s:o}", "messages", messages);
    for (int row = 0; row < count && row < list->asked.limit; row++)
        json_array_append_new(messages, item(result->rows, row));
    if (has_next) {
        char id[ID_TEXT_BYTES];
        struct id last = rows_id(result->rows, (int)list->asked.limit - 1, "message_id");
        id_format(&last, id);
        json_object_set_new(
            view, "next",
            json_string(arena_printf(
                request_arena(list->request), "%lld.%s",
                (long long)rows_time(result->rows, (int)list->asked.limit - 1, "created_at"), id)));
    }
    if (request_is_page(list->request))
        message_pages_reply_list(list->request, &list->asked, result->rows, view);
    else
        reply_view(list->request, 200, view);
}

/* A cursor is "MICROSECONDS.MESSAGE". */
static void read_cursor(const struct form_place *place, const struct form_field *field,
                        void *values)
{
    struct messages_asked *asked = values;
    (void)field;
    if (!place->value)
        return;
    char *moment = arena_copy(place->reading->arena, json_string_value(place->value));
    char *point = strchr(moment, '.');
    if (point)
        *point = '\0';
    if (!point || !text_parse_number(moment, 1, LONG_MAX, &asked->before_us) ||
        !id_parse(point + 1, &asked->before_message))
        form_refuse_here(place, "wrong", NULL);
}

/* The desk's form sends an empty text for any state and any kind. */
static void read_state(const struct form_place *place, const struct form_field *field, void *values)
{
    struct messages_asked *asked = values;
    (void)field;
    asked->state = message_state_parse(json_string_value(place->value));
    if (form_is_given(place) && asked->state == MESSAGE_STATE_NONE)
        form_refuse_here(place, "wrong", NULL);
}

static void read_kind(const struct form_place *place, const struct form_field *field, void *values)
{
    struct messages_asked *asked = values;
    (void)field;
    asked->kind = message_kind_parse(json_string_value(place->value));
    if (form_is_given(place) && asked->kind == MESSAGE_KIND_NONE)
        form_refuse_here(place, "wrong", NULL);
}

static void read_query(const struct form_place *place, const struct form_field *field, void *values)
{
    struct messages_asked *asked = values;
    struct arena *arena = place->reading->arena;
    (void)field;
    if (!form_is_given(place))
        return;
    asked->query = text_clean(arena, json_string_value(place->value));
    if (!asked->query || text_length(asked->query) > MESSAGES_QUERY_MOST) {
        form_refuse_here(place, "wrong", NULL);
        return;
    }
    const char *words[MESSAGES_WORDS_MOST];
    size_t count = search_words(arena, asked->query, MESSAGES_WORDS_MOST, words);
    for (size_t i = 0; i < count && i < MESSAGES_WORDS_MOST; i++)
        asked->patterns[asked->pattern_count++] = search_pattern(arena, words[i]);
}

static const struct form_field asked_fields[] = {
    {"limit", KIND_INTEGER, FORM_AT(struct messages_asked, limit), .least = 1,
     .most = MESSAGES_LIST_MOST, .keeps_blank = true},
    {"state", .read = read_state},
    {"kind", .read = read_kind},
    {"q", .read = read_query},
    {"registration", KIND_ID, FORM_AT(struct messages_asked, registration_id), .keeps_blank = true},
    {"cursor", .read = read_cursor},
};
static const struct form asked_form = FORM(struct messages_asked, asked_fields);

void messages_list(struct request *request)
{
    struct list *list = arena_alloc(request_arena(request), sizeof *list);
    struct messages_asked *asked = &list->asked;
    *list = (struct list){.request = request, .asked.limit = MESSAGES_LIST_DEFAULT};
    if (form_read_query(request, &asked_form, NULL, asked)) {
        reply_refuse(request, 400, "bad_message_filter");
        return;
    }
    request_locale(request); /* reads headers, which is possible only now */
    const struct event *event = request_event(request);
    bool goes_on = asked->before_us != 0;
    struct params *params = message_list_params(&(struct message_list){
        .event_id = &event->id,
        .state = asked->state,
        .kind = asked->kind ? message_kind_name(asked->kind) : NULL,
        .registration_id = id_is_zero(&asked->registration_id) ? NULL : &asked->registration_id,
        .before_us = goes_on ? &asked->before_us : NULL,
        .before_message = goes_on ? &asked->before_message : NULL,
        .most = asked->limit + 1,
        .timezone = event->timezone,
    });
    for (size_t i = 0; i < asked->pattern_count; i++)
        message_list_add_pattern(params, asked->patterns[i]);
    db_run(
        request_worker(request)->db,
        &(struct db_query){
            .lane = DB_SLOW, .run = params, .again = true, .on_done = on_listed, .context = list});
}
