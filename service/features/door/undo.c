#include "features/door/undo.h"

#include "db/db.h"
#include "event/events.h"
#include "event/event.h"
#include "features/door/by_hand.h"
#include "features/feature.h"
#include "form/form.h"
#include "http/reply.h"
#include "statements.h"

/* A scanner may have scanned by an id, so the scan is no proof that it knows the guest. */
static json_t *attendee_json(const struct request *request, const struct rows *rows)
{
    if (request_role(request) == WHO_SCANNER)
        return json_null();
    return json_pack("{s:o, s:s, s:s, s:s, s:b}", "id", view_id_of(rows, 0, "attendee_id"), "name",
                     rows_text(rows, 0, "name"), "ticket_type", rows_text(rows, 0, "ticket_type"),
                     "status", rows_text(rows, 0, "status"), "inside",
                     rows_bool(rows, 0, "is_inside"));
}

static json_t *view(struct request *request, const struct rows *rows)
{
    return json_pack("{s:s, s:o, s:{s:I, s:I, s:I}}", "nonce", request_path(request, "nonce"),
                     "attendee", attendee_json(request, rows), "counts", "expected",
                     (json_int_t)rows_number(rows, 0, "expected"), "admitted",
                     (json_int_t)rows_number(rows, 0, "admitted"), "inside",
                     (json_int_t)rows_number(rows, 0, "inside"));
}

/* The person's page shows the scan as it is now. */
static void reply_undone(struct request *request, const struct rows *rows)
{
    changes_note(request_worker(request), &request_event(request)->id);
    if (request_is_page(request))
        reply_see_other(request, by_hand_path(request, "?done=person.undo"));
    else
        reply_view(request, 200, view(request, rows));
}

static void on_done(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    enum undo_outcome outcome = door_undo_outcome(result->rows, 0);
    switch (outcome) {
    case UNDO_OUTCOME_UNDONE:
        reply_undone(request, result->rows);
        return;
    case UNDO_OUTCOME_NOT_FOUND:
        reply_refuse(request, 404, "not_found");
        return;
    case UNDO_OUTCOME_NOTHING_TO_UNDO:
    case UNDO_OUTCOME_UNDO_TOO_LATE:
        if (request_is_page(request))
            by_hand_refuse(request, undo_outcome_name(outcome));
        else
            reply_refuse(request, 409, undo_outcome_name(outcome));
        return;
    case UNDO_OUTCOME_NONE:
        reply_refuse(request, 500, "internal");
        return;
    }
}

static struct params *run_params(struct request *request, const struct id *nonce,
                                 int64_t said_at_us)
{
    const struct caller *caller = request_caller(request);
    return door_undo_params(
        &(struct door_undo){.event_id = &request_event(request)->id,
                            .nonce = nonce,
                            .by_device = request_role(request) & WHO_DEVICES ? &caller->id : NULL,
                            .at_door = request_role(request) == WHO_DEVICE ? caller->door : NULL,
                            .actor = caller->label,
                            .minutes = UNDO_MINUTES,
                            .said_at_us = said_at_us != 0 ? &said_at_us : NULL});
}

struct said {
    int64_t at_us; /* 0: not given */
};

static const struct form_field said_fields[] = {
    {"undone_at", KIND_TIME, FORM_AT(struct said, at_us), .keeps_blank = true},
};
static const struct form said_form = FORM(struct said, said_fields);

void undo_begin(struct request *request, const struct id *nonce, int64_t said_at_us)
{
    struct params *lock = door_check_in_lock_params();
    door_check_in_lock_add_event(lock, &request_event(request)->id);
    db_run(request_worker(request)->db,
           &(struct db_query){.lane = DB_LOCKING,
                              .key = &request_event(request)->id,
                              .lock = lock,
                              .run = run_params(request, nonce, said_at_us),
                              .again = true,
                              .on_done = on_done,
                              .context = request});
}

void undo_handle(struct request *request)
{
    struct said said = {0};
    struct id nonce;
    if (!id_parse(request_path(request, "nonce"), &nonce)) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    const char *wrong = form_read_query(request, &said_form, NULL, &said);
    if (wrong) {
        form_refuse_parameter(request, "door", wrong);
        return;
    }
    undo_begin(request, &nonce, said.at_us);
}
