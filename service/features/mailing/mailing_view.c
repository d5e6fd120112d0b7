#include "features/mailing/mailing_view.h"

#include <string.h>

#include "event/event.h"
#include "http/reply.h"
#include "view/locale.h"
#include "view/markdown.h"
#include "view/placeholders.h"
#include "worker.h"

const char *const mailing_recipient_states[] = {"sent", "waiting",    "not_sent", "failed",
                                                "held", "not_needed", "left_out", NULL};

json_t *mailing_say(struct request *request, const char *key, json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(request), arena_printf(request_arena(request), "mailing.%s", key),
                data, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    json_decref(data);
    return json;
}

const char *mailing_language(struct request *request, const char *code)
{
    struct arena *arena = request_arena(request);
    const char *key = arena_printf(arena, "editor.language.%s", code);
    struct buffer name;
    if (!locale_has(request_locale(request), key))
        return arena_copy(arena, code);
    buffer_init(&name);
    locale_text(request_locale(request), key, NULL, &name);
    const char *copy = arena_copy(arena, buffer_text(&name));
    buffer_finish(&name);
    return copy;
}

const char *mailing_path(struct request *request, const char *rest)
{
    return arena_printf(request_arena(request), "%s/events/%s/mailings%s",
                        request_is_desk(request) ? "/desk" : "/api/v1",
                        request_event(request)->slug, rest);
}

const char *mailing_path_of(struct request *request, const struct id *mailing_id, const char *rest)
{
    char id[ID_TEXT_BYTES];
    id_format(mailing_id, id);
    return mailing_path(request, arena_printf(request_arena(request), "/%s%s", id, rest));
}

bool mailing_read_path(struct request *request, struct id *ret_mailing_id)
{
    if (id_parse(request_path(request, "mailing"), ret_mailing_id))
        return true;
    reply_refuse(request, 404, "not_found");
    return false;
}

struct params *mailing_one_params(struct request *request, const struct id *mailing_id)
{
    return mailing_list_params(
        &(struct mailing_list){.event_id = &request_event(request)->id,
                               .mailing_id = mailing_id,
                               .most = 1,
                               .timezone = request_event(request)->timezone});
}

/* --- Words ----------------------------------------------------------------------------------- */

static json_t *fill_event(struct request *request, const char *subject)
{
    const struct event *event = request_event(request);
    const struct placeholder values[] = {
        {"event", event_text(event, &event->title, locale_code(request_locale(request))), false},
        {0}};
    struct buffer text;
    buffer_init(&text);
    placeholders_fill(subject, values, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

/* The texts as pages show them, with the placeholders. */
static void add_html(json_t *texts)
{
    size_t i;
    json_t *text;
    json_array_foreach (texts, i, text) {
        struct buffer html;
        buffer_init(&html);
        if (markdown_html(json_string_value(json_object_get(text, "text")), 4, &html))
            json_object_set_new(text, "html", json_string(buffer_text(&html)));
        buffer_finish(&html);
    }
}

/* The subject in the reader's language, or else the first. NULL: none is written yet. */
static const char *subject_of(struct request *request, const json_t *texts)
{
    const char *language = locale_code(request_locale(request)), *first = NULL;
    size_t i;
    json_t *text;
    json_array_foreach ((json_t *)texts, i, text) {
        const char *subject = json_string_value(json_object_get(text, "subject"));
        if (*subject == '\0')
            continue;
        if (strcmp(json_string_value(json_object_get(text, "language")), language) == 0)
            return subject;
        first = first ? first : subject;
    }
    return first;
}

/* Whom it is for: the list of people, and whether a filter narrows it. */
static json_t *audience_of(struct request *request, const char *query, int64_t chosen)
{
    static const char *const lists[] = {"coming",     "to_approve", "waiting", "cancelled",
                                        "unverified", "came",       "not_yet"};
    struct arena *arena = request_arena(request);
    const char *key = "all";
    if (chosen > 0)
        return mailing_say(request, "to.chosen", json_pack("{s:I}", "n", (json_int_t)chosen));
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const char *pair = arena_printf(arena, "list=%s", lists[i]);
        if (strncmp(query, pair, strlen(pair)) == 0)
            key = lists[i];
    }
    bool is_narrowed = false; /* the list and its order narrow nothing */
    for (const char *at = query; *at; at += strcspn(at, "&"), at += *at == '&')
        is_narrowed |= strncmp(at, "list=", 5) != 0 && strncmp(at, "sort=", 5) != 0;
    return mailing_say(request, arena_printf(arena, "to.%s", key),
                       json_pack("{s:b}", "narrowed", is_narrowed));
}

static void add_words(struct request *request, const struct rows *rows, int row, json_t *view)
{
    enum mailing_state state = mailing_list_state(rows, row);
    const json_t *counts = json_object_get(view, "counts");
    json_int_t waiting = json_integer_value(json_object_get(counts, "waiting"));
    struct id id = rows_id(rows, row, "mailing_id");
    const char *subject = subject_of(request, json_object_get(view, "texts")),
               *query = rows_text(rows, row, "query");
    bool is_sending =
        state == MAILING_STATE_SENDING || (state == MAILING_STATE_SENT && waiting > 0);
    add_html(json_object_get(view, "texts"));
    const char *word = is_sending ? "sending" : mailing_state_name(state);
    json_object_set_new(view, "href", json_string(mailing_path_of(request, &id, "")));
    json_object_set_new(view, "title",
                        subject ? fill_event(request, subject)
                                : mailing_say(request, "no_subject", NULL));
    json_object_set_new(view, "to_text",
                        audience_of(request, query, rows_number(rows, row, "chosen")));
    if (rows_number(rows, row, "chosen") == 0)
        json_object_set_new(
            view, "to_href",
            json_string(arena_printf(request_arena(request), "/desk/events/%s/attendees%s%s",
                                     request_event(request)->slug, *query ? "?" : "", query)));
    json_object_set_new(view, "state_text",
                        mailing_say(request, arena_printf(request_arena(request), "state.%s", word),
                                    json_pack("{s:s}", "at", rows_text(rows, row, "due_local"))));
    json_object_set_new(view, "is", json_pack("{s:b}", word, true));
    json_object_set_new(view, "may_stop",
                        json_boolean(state == MAILING_STATE_PLANNED || is_sending));
    bool is_going =
        state == MAILING_STATE_SENDING || (is_sending && *request_worker(request)->config->smtp);
    json_object_set_new(view, "is_under_way",
                        json_boolean(is_going || (state == MAILING_STATE_PLANNED &&
                                                  rows_bool(rows, row, "is_soon"))));
    json_object_set_new(view, "may_edit", json_boolean(request_role(request) & WHO_EDITORS));
    json_object_set_new(view, "due_local", json_string(rows_text(rows, row, "due_local")));
    json_object_set_new(view, "changed_local", json_string(rows_text(rows, row, "changed_local")));
    if (!rows_is_null(rows, row, "started_local"))
        json_object_set_new(view, "started_local",
                            json_string(rows_text(rows, row, "started_local")));
}

/* --- The view -------------------------------------------------------------------------------- */

json_t *mailing_view(struct request *request, const struct rows *rows, int row)
{
    json_int_t left_out = rows_number(rows, row, "left_out"), sent = rows_number(rows, row, "sent"),
               failed = rows_number(rows, row, "failed"), held = rows_number(rows, row, "held"),
               waiting = rows_number(rows, row, "under_way"),
               not_needed = rows_number(rows, row, "not_needed"),
               not_sent = rows_number(rows, row, "not_sent");
    json_t *texts = json_loads(rows_text(rows, row, "texts"), 0, NULL);
    json_t *view = json_pack(
        "{s:o, s:s, s:I, s:s, s:I, s:o, s:o, s:o, s:I, s:I, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I}}",
        "id", view_id_of(rows, row, "mailing_id"), "state",
        mailing_state_name(mailing_list_state(rows, row)), "version",
        (json_int_t)rows_number(rows, row, "version"), "query", rows_text(rows, row, "query"),
        "chosen", (json_int_t)rows_number(rows, row, "chosen"), "texts", texts, "created_at",
        view_time_of(rows, row, "created_at"), "due_at", view_time_of(rows, row, "due_at"), "total",
        sent + waiting + held + failed + not_needed + left_out + not_sent, "no_address",
        (json_int_t)rows_number(rows, row, "no_address"), "counts", "sent", sent, "waiting",
        waiting, "held", held, "failed", failed, "not_needed", not_needed, "left_out", left_out,
        "not_sent", not_sent);
    if (request_is_desk(request))
        add_words(request, rows, row, view);
    return view;
}
