#include "event/event_load.h"

#include "base/log.h"
#include "event/event_file.h"
#include "event/event_unknown.h"
#include "event/events.h"
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
    event->starts_at_us = rows_time(rows, 0, "starts_at");
    event->ends_at_us = rows_time(rows, 0, "ends_at");
    event->opens_at_us = rows_time(rows, 0, "opens_at");
    event->closes_at_us = rows_time(rows, 0, "closes_at");
    event->check_in_opens_at_us = rows_time(rows, 0, "check_in_opens_at");
    event->check_in_closes_at_us = rows_time(rows, 0, "check_in_closes_at");
    event->changes_until_us = rows_time(rows, 0, "changes_until");
    event->tickets_expire_at_us = rows_time(rows, 0, "tickets_expire_at");
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
