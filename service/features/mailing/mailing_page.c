#include "features/mailing/mailing_page.h"

#include <limits.h>
#include <string.h>

#include "base/text.h"
#include "event/host.h"
#include "event/event.h"
#include "event/explanation.h"
#include "features/mailing/mailing_view.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "view/locale.h"
#include "worker.h"

/* That of every page of ours (http/reply.c), and the frames of the letters. */
#define PAGE_POLICY                                                                                \
    "default-src 'none'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "            \
    "form-action 'self'; base-uri 'none'; font-src 'self'; style-src 'self'; frame-src 'self'; "   \
    "frame-ancestors 'none'"

struct showing {
    struct request *request;
    struct id mailing_id;
    const char *listed; /* the recipients in this state are listed; NULL: none */
    long after;         /* they stand behind this number and address */
    const char *after_address;
    json_t *view, *errors;
};

static void answer(struct showing *showing)
{
    struct request *request = showing->request;
    json_t *sent = showing->errors ? request_body(request) : NULL;
    int status = showing->errors ? 422 : 200;
    if (request_is_desk(request)) {
        const char *when = json_string_value(json_object_get(sent, "when"));
        json_object_set_new(showing->view, "problems",
                            field_view_problems(request_arena(request), showing->errors, false));
        json_object_set_new(showing->view, "has_problems", json_boolean(showing->errors != NULL));
        json_object_set_new(showing->view, "at",
                            field_view_plain(showing->errors, "at", json_object_get(sent, "at")));
        json_object_set_new(showing->view, "is_later",
                            json_boolean(when && strcmp(when, "later") == 0));
        json_object_set_new(showing->view, "list", json_string(mailing_path(request, "")));
        reply_header(request, "Content-Security-Policy", PAGE_POLICY);
    }
    json_decref(showing->errors);
    reply_view(request, status, showing->view);
}

static void give_up(struct showing *showing, const struct db_result *result)
{
    json_decref(showing->view);
    json_decref(showing->errors);
    reply_failed(showing->request, result);
}

/* --- A draft --------------------------------------------------------------------------------- */

static bool is_written(const json_t *text)
{
    return *json_string_value(json_object_get(text, "subject")) != '\0' &&
           *json_string_value(json_object_get(text, "text")) != '\0';
}

/* What is missing or odd, in sentences. Nothing can be sent while one of the first kind stays. */
static void add_lacks(struct showing *showing, const json_t *audience)
{
    struct request *request = showing->request;
    const json_t *texts = json_object_get(showing->view, "texts"), *text, *one;
    json_t *lacks = json_array(), *odd = json_array();
    size_t i, at;
    if (json_array_size(texts) == 0)
        json_array_append_new(lacks, mailing_say(request, "lacks.text", NULL));
    json_array_foreach ((json_t *)texts, i, text) {
        const char *language = json_string_value(json_object_get(text, "language"));
        if (!is_written(text))
            json_array_append_new(
                lacks,
                mailing_say(request, "lacks.half",
                            json_pack("{s:s}", "language", mailing_language(request, language))));
        if (strstr(json_string_value(json_object_get(text, "text")), "** …"))
            json_array_append_new(odd, mailing_say(request, "odd.gap",
                                                   json_pack("{s:s}", "language",
                                                             mailing_language(request, language))));
    }
    json_array_foreach (json_object_get(audience, "languages"), i, one) {
        const char *language = json_string_value(json_object_get(one, "language"));
        bool has_text = false;
        json_array_foreach ((json_t *)texts, at, text)
            has_text |= strcmp(json_string_value(json_object_get(text, "language")), language) == 0;
        if (!has_text && json_array_size(texts) > 0)
            json_array_append_new(
                odd,
                mailing_say(request, "odd.language",
                            json_pack("{s:O, s:s, s:s}", "n", json_object_get(one, "count"),
                                      "language", mailing_language(request, language), "other",
                                      mailing_language(
                                          request, json_string_value(json_object_get(
                                                       json_array_get(texts, 0), "language"))))));
    }
    json_object_set_new(showing->view, "is_ready",
                        json_boolean(json_array_size(lacks) == 0 &&
                                     json_integer_value(json_object_get(audience, "recipients"))));
    json_object_set_new(showing->view, "has_text", json_boolean(json_array_size(lacks) == 0));
    json_object_set_new(showing->view, "lacks", lacks);
    json_object_set_new(showing->view, "odd", odd);
}

static void add_draft_words(struct showing *showing, const struct rows *rows)
{
    struct request *request = showing->request;
    json_t *audience = json_object_get(showing->view, "audience"), *one;
    json_t *named = json_loads(rows_text(rows, 0, "named"), 0, NULL);
    size_t i;
    add_lacks(showing, audience);
    json_array_foreach (json_object_get(audience, "languages"), i, one)
        json_object_set_new(one, "name",
                            json_string(mailing_language(
                                request, json_string_value(json_object_get(one, "language")))));
    json_object_set_new(audience, "is_several",
                        json_boolean(json_array_size(json_object_get(audience, "languages")) > 1));
    json_object_set_new(showing->view, "named", named);
    json_object_set_new(
        showing->view, "button",
        mailing_say(request, "send_button",
                    json_pack("{s:O}", "n", json_object_get(audience, "recipients"))));
    json_object_set_new(showing->view, "zone", json_string(request_event(request)->timezone));
    json_object_set_new(showing->view, "test_to", json_string(request_caller(request)->email));
    json_object_set_new(showing->view, "reply_to",
                        json_string(host_reply_to(request_event(request))
                                        ? host_reply_to(request_event(request))
                                        : ""));
}

static void on_audience(void *context, const struct db_result *result)
{
    struct showing *showing = context;
    if (result->outcome != DB_DONE) {
        give_up(showing, result);
        return;
    }
    const struct rows *rows = result->rows;
    if (rows_count(rows) > 0)
        json_object_set_new(showing->view, "audience",
                            json_pack("{s:o, s:o, s:o, s:o, s:o}", "people",
                                      view_number_of(rows, 0, "people"), "recipients",
                                      view_number_of(rows, 0, "recipients"), "held",
                                      view_number_of(rows, 0, "held"), "no_address",
                                      view_number_of(rows, 0, "no_address"), "languages",
                                      json_loads(rows_text(rows, 0, "languages"), 0, NULL)));
    if (rows_count(rows) > 0 && request_is_desk(showing->request))
        add_draft_words(showing, rows);
    answer(showing);
}

/* --- Recipients ------------------------------------------------------------------------------ */

static json_t *recipient_view(const struct showing *showing, const struct rows *rows, int row)
{
    struct request *request = showing->request;
    const struct explained explained = {
        .state = mailing_people_state(rows, row),
        .code = (int)rows_number(rows, row, "code"),
        .words = rows_text(rows, row, "words"),
        .has_server = *request_worker(request)->config->smtp != '\0',
    };
    json_t *view =
        json_pack("{s:o, s:s, s:s}", "attendee", view_id_of(rows, row, "attendee_id"), "name",
                  rows_text(rows, row, "name"), "to", rows_text(rows, row, "recipient"));
    const char *key = explained.state ? explanation_key(&explained) : NULL;
    if (key && request_is_desk(request)) {
        struct buffer text;
        buffer_init(&text);
        locale_text(request_locale(request),
                    arena_printf(request_arena(request), "message.explain.%s", key), NULL, &text);
        json_object_set_new(view, "explained", json_string(buffer_text(&text)));
        buffer_finish(&text);
    }
    if (explained.state && *explained.words)
        json_object_set_new(view, "words", json_string(explained.words));
    if (explained.state && request_is_desk(request))
        json_object_set_new(
            view, "mail",
            json_string(arena_printf(request_arena(request), "/desk/events/%s/messages/%s/%s",
                                     request_event(request)->slug,
                                     rows_text(rows, row, "registration_id"),
                                     rows_text(rows, row, "message_id"))));
    return view;
}

static void on_people(void *context, const struct db_result *result)
{
    struct showing *showing = context;
    struct arena *arena = request_arena(showing->request);
    if (result->outcome != DB_DONE) {
        give_up(showing, result);
        return;
    }
    const struct rows *rows = result->rows;
    json_t *people = json_array();
    for (int row = 0; row < rows_count(rows) && row < MAILING_PEOPLE_PAGE; row++)
        json_array_append_new(people, recipient_view(showing, rows, row));
    json_object_set_new(showing->view, "people", people);
    if (rows_count(rows) > MAILING_PEOPLE_PAGE) {
        struct buffer next;
        buffer_init(&next);
        buffer_printf(&next, "%s.", rows_text(rows, MAILING_PEOPLE_PAGE - 1, "number"));
        percent_encode(&next, rows_text(rows, MAILING_PEOPLE_PAGE - 1, "address"));
        json_object_set_new(showing->view, "next",
                            json_string(arena_printf(arena, "?state=%s&cursor=%s", showing->listed,
                                                     buffer_text(&next))));
        buffer_finish(&next);
    }
    json_object_set_new(showing->view, "listed_state", json_string(showing->listed));
    if (request_is_desk(showing->request))
        json_object_set_new(showing->view, "listed",
                            mailing_say(showing->request,
                                        arena_printf(arena, "recipients.%s", showing->listed),
                                        NULL));
    answer(showing);
}

static void list_people(struct showing *showing)
{
    db_run(request_worker(showing->request)->db,
           &(struct db_query){.lane = DB_SLOW,
                              .run = mailing_people_params(&(struct mailing_people){
                                  .event_id = &request_event(showing->request)->id,
                                  .mailing_id = &showing->mailing_id,
                                  .kind = showing->listed,
                                  .after = showing->after,
                                  .after_address = showing->after_address,
                                  .most = MAILING_PEOPLE_PAGE + 1}),
                              .again = true,
                              .on_done = on_people,
                              .context = showing});
}

/* The counts as links to the recipients. */
static void add_tabs(const struct showing *showing)
{
    struct request *request = showing->request;
    struct arena *arena = request_arena(request);
    const json_t *counts = json_object_get(showing->view, "counts");
    json_t *tabs = json_array();
    for (const char *const *name = mailing_recipient_states; *name; name++) {
        json_t *count = json_object_get(counts, *name);
        if (json_integer_value(count) == 0)
            continue;
        json_array_append_new(
            tabs, json_pack("{s:s, s:o, s:O, s:b}", "href", arena_printf(arena, "?state=%s", *name),
                            "text",
                            mailing_say(request, arena_printf(arena, "recipients.%s", *name), NULL),
                            "count", count, "current",
                            showing->listed && strcmp(showing->listed, *name) == 0));
    }
    json_object_set_new(showing->view, "tabs", tabs);
    json_object_set_new(showing->view, "has_server",
                        json_boolean(*request_worker(request)->config->smtp != '\0'));
    json_object_set(showing->view, "sent", json_object_get(counts, "sent"));
}

/* --- The page -------------------------------------------------------------------------------- */

static void on_found(void *context, const struct db_result *result)
{
    struct showing *showing = context;
    struct request *request = showing->request;
    if (result->outcome != DB_DONE) {
        give_up(showing, result);
        return;
    }
    if (rows_count(result->rows) == 0) {
        json_decref(showing->errors);
        reply_refuse(request, 404, "not_found");
        return;
    }
    showing->view = mailing_view(request, result->rows, 0);
    bool is_listed = rows_bool(result->rows, 0, "is_listed");
    if (request_is_desk(request) && !showing->listed && rows_number(result->rows, 0, "failed") > 0)
        showing->listed = "failed";
    json_object_set_new(showing->view, "is_listed", json_boolean(is_listed));
    if (request_is_desk(request) && is_listed)
        add_tabs(showing);
    if (is_listed && showing->listed)
        list_people(showing);
    else if (mailing_list_state(result->rows, 0) == MAILING_STATE_DRAFT)
        db_run(request_worker(request)->db,
               &(struct db_query){.lane = DB_SLOW,
                                  .run = mailing_audience_params(&(struct mailing_audience){
                                      .event_id = &request_event(request)->id,
                                      .mailing_id = &showing->mailing_id,
                                      .named = MAILING_NAMED_MOST}),
                                  .again = true,
                                  .on_done = on_audience,
                                  .context = showing});
    else
        answer(showing);
}

/* "NUMBER.ADDRESS" */
static void read_cursor(struct showing *showing, const char *cursor)
{
    const char *point = cursor ? strchr(cursor, '.') : NULL;
    showing->after_address = "";
    if (point && text_parse_number(arena_copy_bytes(request_arena(showing->request), cursor,
                                                    (size_t)(point - cursor)),
                                   0, INT32_MAX, &showing->after))
        showing->after_address = point + 1;
}

static void show(struct request *request, const struct id *mailing_id, json_t *errors)
{
    struct showing *showing = arena_alloc(request_arena(request), sizeof *showing);
    const char *wanted = request_query(request, "state");
    *showing = (struct showing){.request = request, .mailing_id = *mailing_id, .errors = errors};
    request_locale(request); /* reads headers, which is possible only now */
    for (const char *const *known = mailing_recipient_states; wanted && *known; known++) {
        if (strcmp(*known, wanted) == 0)
            showing->listed = *known;
    }
    read_cursor(showing, request_query(request, "cursor"));
    db_ask(request_worker(request)->db, mailing_one_params(request, mailing_id), on_found, showing);
}

void mailing_page_show(struct request *request)
{
    struct id mailing_id;
    if (mailing_read_path(request, &mailing_id))
        show(request, &mailing_id, NULL);
}

void mailing_page_show_problem(struct request *request, const struct id *mailing_id, json_t *errors)
{
    show(request, mailing_id, errors);
}
