#include "features/mailing/mailings.h"

#include <limits.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "event/event.h"
#include "features/mailing/mailing_view.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "view/locale.h"
#include "worker.h"

/* --- The list -------------------------------------------------------------------------------- */

/* The cursor behind a row: "MICROSECONDS.ID". */
static const char *cursor_of(struct request *request, const struct rows *rows, int row)
{
    return arena_printf(request_arena(request), "%lld.%s",
                        (long long)rows_time(rows, row, "created_at"),
                        rows_text(rows, row, "mailing_id"));
}

static void on_listed(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    json_t *list = json_array(), *view = json_pack("{s:o, s:n}", "mailings", list, "next");
    for (int row = 0; row < rows_count(result->rows) && row < MAILINGS_PAGE; row++)
        json_array_append_new(list, mailing_view(request, result->rows, row));
    if (rows_count(result->rows) > MAILINGS_PAGE)
        json_object_set_new(view, "next",
                            json_string(cursor_of(request, result->rows, MAILINGS_PAGE - 1)));
    if (request_is_desk(request)) {
        json_object_set_new(view, "base", json_string(mailing_path(request, "")));
        json_object_set_new(view, "may_edit", json_boolean(request_role(request) & WHO_EDITORS));
    }
    reply_view(request, 200, view);
}

static bool read_cursor(struct request *request, int64_t *ret_before_us, struct id *ret_mailing_id)
{
    const char *cursor = request_query(request, "cursor"),
               *point = cursor ? strchr(cursor, '.') : NULL;
    long before_us = 0;
    if (cursor && (!point ||
                   !text_parse_number(
                       arena_copy_bytes(request_arena(request), cursor, (size_t)(point - cursor)),
                       1, LONG_MAX, &before_us) ||
                   !id_parse(point + 1, ret_mailing_id)))
        return false;
    *ret_before_us = before_us;
    return true;
}

void mailings_list(struct request *request)
{
    int64_t before_us;
    struct id before_mailing;
    request_locale(request); /* reads headers, which is possible only now */
    if (!read_cursor(request, &before_us, &before_mailing)) {
        form_refuse_parameter(request, "mailing", "cursor");
        return;
    }
    db_run(request_worker(request)->db,
           &(struct db_query){.lane = DB_SLOW,
                              .run = mailing_list_params(&(struct mailing_list){
                                  .event_id = &request_event(request)->id,
                                  .before_us = before_us ? &before_us : NULL,
                                  .before_mailing = before_us ? &before_mailing : NULL,
                                  .most = MAILINGS_PAGE + 1,
                                  .timezone = request_event(request)->timezone}),
                              .again = true,
                              .on_done = on_listed,
                              .context = request});
}

/* --- A new one ------------------------------------------------------------------------------- */

/* What an organiser writes for, with the list of people that it starts with. The first ones are
 * offered before the end of the event, the last ones from its start on. */
static const struct purpose {
    const char *name; /* first, for struct kind_choices */
    const char *list;
    bool has_texts; /* mailing.start.NAME */
    bool is_before, is_after;
} purposes[] = {
    {"info", "coming", true, .is_before = true},
    {"thanks", "came", true, .is_after = true},
    {"missed", "not_yet", true, .is_after = true},
    {"coming", "coming", .is_before = true, .is_after = true},
    {"waiting", "waiting", .is_before = true},
};
enum { PURPOSES = sizeof purposes / sizeof *purposes };

static bool is_offered(const struct event *event, const struct purpose *purpose)
{
    int64_t now_us = clock_now_us();
    return (purpose->is_before && now_us < event->ends_at_us) ||
           (purpose->is_after && now_us >= event->starts_at_us);
}

/* Takes the errors. */
static void ask(struct request *request, int status, json_t *errors)
{
    json_t *options = json_array();
    for (int i = 0; i < PURPOSES; i++) {
        if (!is_offered(request_event(request), &purposes[i]))
            continue;
        const char *key = arena_printf(request_arena(request), "purpose.%s", purposes[i].name);
        json_array_append_new(options, json_pack("{s:s, s:o, s:b}", "slug", purposes[i].name,
                                                 "label", mailing_say(request, key, NULL), "chosen",
                                                 json_array_size(options) == 0));
    }
    json_t *view = json_pack(
        "{s:s, s:s, s:o, s:o, s:o, s:b}", "base", mailing_path(request, ""), "people",
        arena_printf(request_arena(request), "/desk/events/%s/attendees",
                     request_event(request)->slug),
        "options", options, "purpose", field_view_plain(errors, "purpose", NULL), "problems",
        field_view_problems(request_arena(request), errors, false), "has_problems", errors != NULL);
    json_decref(errors);
    reply_view(request, status, view);
}

void mailings_ask(struct request *request)
{
    ask(request, 200, NULL);
}

static const struct form_field new_fields[] = {
    {"purpose", KIND_CHOICE, .at = 0, .bytes = sizeof(const char *), .need = FORM_NEEDED,
     .needed = "mailing_purpose", .wrong = "mailing_purpose", .choices = KIND_CHOICES(purposes)},
};
struct asked {
    const char *purpose;
};
static const struct form new_form = FORM(struct asked, new_fields);

/* The texts to start with, in those languages of the event that the service speaks. */
static json_t *start_texts(struct request *request, const struct purpose *purpose)
{
    const struct event *event = request_event(request);
    json_t *texts = json_array();
    for (size_t i = 0; purpose->has_texts && i < event->language_count; i++) {
        const struct locale *locale =
            locale_find(request_worker(request)->locales, event->languages[i]);
        if (!locale)
            continue;
        json_t *text = json_pack("{s:s}", "language", event->languages[i]);
        static const char *const parts[] = {"subject", "text"};
        for (size_t part = 0; part < 2; part++) {
            struct buffer out;
            buffer_init(&out);
            locale_text(locale,
                        arena_printf(request_arena(request), "mailing.start.%s.%s", purpose->name,
                                     parts[part]),
                        NULL, &out);
            json_object_set_new(text, parts[part], json_string(buffer_text(&out)));
            buffer_finish(&out);
        }
        json_array_append_new(texts, text);
    }
    return texts;
}

struct making {
    struct request *request;
    struct id mailing_id;
};

static void on_made(void *context, const struct db_result *result)
{
    struct making *making = context;
    struct request *request = making->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
    } else if (request_is_desk(request)) {
        reply_see_other(request, mailing_path_of(request, &making->mailing_id, "/edit"));
    } else {
        reply_header(request, "Location", mailing_path_of(request, &making->mailing_id, ""));
        reply_view(request, 201, json_pack("{s:o}", "id", view_id(&making->mailing_id)));
    }
}

static void make(struct request *request, const struct purpose *purpose)
{
    struct arena *arena = request_arena(request);
    struct making *making = arena_alloc(arena, sizeof *making);
    json_t *texts = start_texts(request, purpose);
    char *text = json_dumps(texts, JSON_COMPACT);
    making->request = request;
    id_make_in(request_event(request)->number, &making->mailing_id);
    db_ask(request_worker(request)->db,
           mailing_draft_params(&(struct mailing_draft){
               .event_id = &request_event(request)->id,
               .mailing_id = &making->mailing_id,
               .actor = request_caller(request)->label,
               .filter = arena_printf(arena, "{\"list\":\"%s\"}", purpose->list),
               .query = arena_printf(arena, "list=%s", purpose->list),
               .texts = text}),
           on_made, making);
    free(text);
    json_decref(texts);
}

void mailings_make(struct request *request)
{
    struct asked asked = {0};
    json_t *errors = form_read_body(request, &new_form, NULL, &asked);
    if (errors && request_is_desk(request)) {
        ask(request, 422, errors);
        return;
    }
    if (errors) {
        form_refuse(request, errors);
        return;
    }
    for (int i = 0; i < PURPOSES; i++) {
        if (strcmp(purposes[i].name, asked.purpose) == 0)
            make(request, &purposes[i]);
    }
}
