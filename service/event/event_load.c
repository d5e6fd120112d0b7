#include "event/event_load.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/timezone.h"
#include "event/event_file.h"
#include "event/event_unknown.h"
#include "event/events.h"
#include "event/host.h"
#include "statements.h"

static struct event *read_definition(const char *definition, const char *id)
{
    struct findings findings;
    findings_init(&findings, NULL);
    json_t *file = json_loads(definition, 0, NULL);
    struct event *event = file ? event_file_read_stored(file, &findings) : NULL;
    if (!event) {
        json_t *list = findings_take(&findings);
        const json_t *first = json_array_get(list, 0);
        log_event(LOG_ERROR, "event_unreadable", log_text("event", id),
                  log_text("pointer", json_string_value(json_object_get(first, "pointer"))),
                  log_text("code", json_string_value(json_object_get(first, "code"))));
        json_decref(list);
    }
    json_decref(file);
    findings_finish(&findings);
    return event;
}

/* --- Former questions and choices ------------------------------------------------------------- */

/* Former words may be in languages that the event no longer has: then any will do. */
static struct event_text read_text(struct event *event, const json_t *said)
{
    struct event_text text = {0};
    bool is_any = false;
    const char *language;
    json_t *value;
    for (size_t i = 0; i < event->language_count; i++) {
        const char *here = json_string_value(json_object_get(said, event->languages[i]));
        text.by_language[i] = here ? arena_copy(&event->arena, here) : NULL;
        is_any |= here != NULL;
    }
    json_object_foreach ((json_t *)said, language, value) {
        if (!is_any && json_is_string(value))
            text.by_language[0] = arena_copy(&event->arena, json_string_value(value));
        is_any |= json_is_string(value);
    }
    return text;
}

static const char *read_slug(struct event *event, const json_t *object)
{
    const char *slug = json_string_value(json_object_get(object, "slug"));
    return arena_copy(&event->arena, slug ? slug : "");
}

/* Adds the choices that the question no longer offers behind those that it offers. */
static void add_former_choices(struct event *event, struct question *question,
                               const json_t *choices)
{
    size_t offered = question->choice_count, former = json_array_size(choices), i;
    if (former > EVENT_CHOICES_MOST)
        former = EVENT_CHOICES_MOST;
    struct choice *all = arena_alloc(&event->arena, (offered + former + 1) * sizeof *all);
    json_t *choice;
    if (offered > 0)
        memcpy(all, question->choices, offered * sizeof *all);
    const struct kind_choices known = {all, offered, sizeof *all};
    json_array_foreach ((json_t *)choices, i, choice) {
        const char *slug = read_slug(event, choice);
        if (question->former_choice_count < former && !kind_choice(&known, slug))
            all[offered + question->former_choice_count++] =
                (struct choice){slug, read_text(event, json_object_get(choice, "label"))};
    }
    question->choices = all;
}

/* `asked` has all questions and choices ever, in their last words (asked_ever.sql). */
static void read_former(struct event *event, const char *asked)
{
    json_t *list = json_loads(asked, 0, NULL), *element;
    struct question *former = arena_alloc(&event->arena, EVENT_QUESTIONS_MOST * sizeof *former);
    size_t i;
    event->former_questions = former;
    json_array_foreach (list, i, element) {
        const json_t *choices = json_object_get(element, "choices");
        const char *slug = read_slug(event, element);
        struct question *question = (struct question *)event_question(event, slug);
        if (!question && event->former_question_count < EVENT_QUESTIONS_MOST) {
            question = &former[event->former_question_count++];
            *question = (struct question){.slug = slug, .kind = KIND_TEXT, .shown_if = -1};
            question->label = read_text(event, json_object_get(element, "label"));
            if (!kind_asked(json_string_value(json_object_get(element, "kind")), &question->kind))
                question->kind = KIND_TEXT;
        }
        if (question && json_array_size(choices) > question->choice_count)
            add_former_choices(event, question, choices);
    }
    json_decref(list);
}

/* --- Rows ------------------------------------------------------------------------------------ */

/* [["2026-05-13", its start in microseconds since 1970], ...] */
static void read_days(struct event *event, const char *text)
{
    json_t *list = json_loads(text, 0, NULL);
    struct event_day *days = arena_alloc(&event->arena, json_array_size(list) * sizeof *days + 1);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *day = json_array_get(list, i);
        days[i].date = arena_copy(&event->arena, json_string_value(json_array_get(day, 0)));
        days[i].starts_at_us = json_integer_value(json_array_get(day, 1));
    }
    event->days = days;
    event->day_count = json_array_size(list);
    json_decref(list);
}

static int64_t moment_of(const struct timezone *zone, const char *text)
{
    struct clock_local local;
    struct timezone_moment moment;
    if (!text || !clock_parse_local(text, &local))
        return 0;
    timezone_find(zone, local.shown_us, &moment);
    bool is_second = moment.times == 2 && local.has_offset && local.offset_s == moment.offset_s[1];
    return moment.at_us[is_second ? 1 : 0];
}

/* A zone that only the database knows leaves the moments 0. */
static void read_moments(struct event *event)
{
    struct programme_item *items = (struct programme_item *)event->programme;
    struct timezone *zone;
    if (event->programme_count == 0 || !timezone_load(event->timezone, &zone))
        return;
    for (size_t i = 0; i < event->programme_count; i++) {
        items[i].starts_at_us = moment_of(zone, items[i].starts_at);
        items[i].ends_at_us = moment_of(zone, items[i].ends_at);
    }
    timezone_destroy(zone);
}

/* {"name", "width", "height", "alt": a text by language} */
static void read_picture(struct event *event, const char *text)
{
    json_t *json = json_loads(text, 0, NULL);
    event->picture = (struct event_picture){
        .name = arena_copy(&event->arena, json_string_value(json_object_get(json, "name"))),
        .width = (int)json_integer_value(json_object_get(json, "width")),
        .height = (int)json_integer_value(json_object_get(json, "height")),
        .alt = read_text(event, json_object_get(json, "alt")),
    };
    json_decref(json);
}

struct event *event_load_row(const struct rows *rows)
{
    if (rows_count(rows) == 0)
        return NULL;
    struct event *event =
        read_definition(rows_text(rows, 0, "definition"), rows_text(rows, 0, "event_id"));
    if (!event)
        return NULL;
    event->id = rows_id(rows, 0, "event_id");
    event->organiser_id = rows_id(rows, 0, "organiser_id");
    event->number = (uint32_t)rows_number(rows, 0, "number");
    event->version = (int)rows_number(rows, 0, "version");
    event->preview = rows_is_null(rows, 0, "preview") ? 0 : (int)rows_number(rows, 0, "preview");
    event->starts_at_us = rows_time(rows, 0, "starts_at");
    event->ends_at_us = rows_time(rows, 0, "ends_at");
    event->opens_at_us = rows_time(rows, 0, "opens_at");
    event->closes_at_us = rows_time(rows, 0, "closes_at");
    event->check_in_opens_at_us = rows_time(rows, 0, "check_in_opens_at");
    event->check_in_closes_at_us = rows_time(rows, 0, "check_in_closes_at");
    event->changes_until_us = rows_time(rows, 0, "changes_until");
    event->tickets_expire_at_us = rows_time(rows, 0, "tickets_expire_at");
    read_former(event, rows_text(rows, 0, "asked"));
    read_days(event, rows_text(rows, 0, "days"));
    read_moments(event);
    host_read(event, rows_is_null(rows, 0, "profile") ? NULL : rows_text(rows, 0, "profile"));
    if (!rows_is_null(rows, 0, "picture"))
        read_picture(event, rows_text(rows, 0, "picture"));
    return event;
}

static const struct rows *run(struct db_session *session, const char *slug)
{
    return db_session_run(session, event_load_params(&(struct event_load){.slug = slug}));
}

bool event_load(struct db_session *session, const char *slug, struct event **ret_event)
{
    const struct rows *rows = run(session, slug);
    if (rows)
        *ret_event = event_load_row(rows);
    return rows != NULL;
}

static json_t *write_again(const struct event *event, const json_t *stored)
{
    json_t *written = event_file_write(event);
    json_t *unknown = event_unknown(stored, written);
    event_unknown_keep(written, unknown);
    json_decref(unknown);
    return written;
}

bool event_load_definition(struct db_session *session, const char *slug, struct event **ret_event,
                           json_t **ret_definition)
{
    const struct rows *rows = run(session, slug);
    if (!rows)
        return false;
    *ret_event = event_load_row(rows);
    json_t *stored = *ret_event ? json_loads(rows_text(rows, 0, "definition"), 0, NULL) : NULL;
    *ret_definition = *ret_event ? write_again(*ret_event, stored) : NULL;
    json_decref(stored);
    return true;
}

json_t *event_load_text(const char *definition)
{
    struct findings findings;
    findings_init(&findings, NULL);
    json_t *stored = json_loads(definition, 0, NULL);
    struct event *event = event_file_read_stored(stored, &findings);
    findings_finish(&findings);
    if (!event)
        return stored;
    json_t *written = write_again(event, stored);
    events_release(event);
    json_decref(stored);
    return written;
}
