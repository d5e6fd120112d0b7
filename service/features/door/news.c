#include "features/door/news.h"

#include "db/db.h"
#include "event/event.h"
#include "features/feature.h"
#include "http/reply.h"
#include "statements.h"

static json_t *attendee_json(const struct rows *rows, int row)
{
    if (rows_is_null(rows, row, "attendee_id"))
        return json_null();
    return json_pack("{s:o, s:s, s:s}", "id", view_id_of(rows, row, "attendee_id"), "name",
                     rows_text(rows, row, "name"), "ticket_type",
                     rows_text(rows, row, "ticket_type"));
}

json_t *news_scan(const struct rows *rows, int row, bool with_names)
{
    json_t *scan = json_pack(
        "{s:o, s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:b, s:b, s:b}", "nonce",
        view_id_of(rows, row, "nonce"), "ticket", view_id_of(rows, row, "ticket_id"), "verdict",
        rows_text(rows, row, "verdict"), "direction", rows_text(rows, row, "direction"), "door",
        rows_text(rows, row, "door"), "scanned_at", view_time_of(rows, row, "scanned_at"),
        "received_at", view_time_of(rows, row, "received_at"), "told_at",
        view_time_of(rows, row, "told_at"), "forced", rows_bool(rows, row, "forced"), "conflict",
        rows_bool(rows, row, "conflict"), "undone", rows_bool(rows, row, "undone"));
    if (with_names)
        json_object_set_new(scan, "attendee", attendee_json(rows, row));
    return scan;
}

json_t *news_conflict(const struct rows *rows, int row, bool with_names)
{
    return json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:s?}", "nonce",
                     view_id_of(rows, row, "nonce"), "verdict", rows_text(rows, row, "judged"),
                     "door", rows_text(rows, row, "door"), "scanned_at",
                     view_time_of(rows, row, "scanned_at"), "attendee",
                     with_names ? attendee_json(rows, row) : json_null(), "admitted_at",
                     view_time_of(rows, row, "admitted_at"), "admitted_door",
                     view_text_of(rows, row, "admitted_door"));
}

static void on_read(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    bool with_names = request_role(request) != WHO_SCANNER;
    json_t *conflicts = json_array();
    for (int row = 0; row < rows_count(result->rows); row++)
        json_array_append_new(conflicts, news_conflict(result->rows, row, with_names));
    reply_view(request, 200, json_pack("{s:o}", "conflicts", conflicts));
}

void news_conflicts(struct request *request)
{
    struct params *params = door_conflicts_params(
        &(struct door_conflicts){.event_id = &request_event(request)->id, .most = CONFLICTS_MOST});
    db_ask(request_worker(request)->db, params, on_read, request);
}
