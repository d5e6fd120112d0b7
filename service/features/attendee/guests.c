#include "features/attendee/guests.h"

#include "base/clock.h"
#include "base/search.h"
#include "base/text.h"
#include "db/db.h"
#include "features/attendee/filter.h"
#include "features/attendee/row.h"
#include "event/answer_text.h"
#include "features/feature.h"
#include "http/reply.h"
#include "http/source.h"
#include "statements.h"

/* Lives in its request's arena. */
struct search {
    struct request *request;
    struct filter filter;
};

/* What the door may find: the name and the answers that it may see. */
static const char *known_by(struct arena *arena, const struct row *row, const json_t *answers)
{
    struct buffer text;
    size_t i;
    json_t *answer;
    buffer_init(&text);
    buffer_add(&text, row->cells[ROW_NAME].text, row->cells[ROW_NAME].length);
    json_array_foreach ((json_t *)answers, i, answer)
        buffer_printf(&text, "\n%s", json_string_value(json_object_get(answer, "text")));
    const char *found = search_text(arena, buffer_text(&text));
    buffer_finish(&text);
    return found;
}

static bool has_all(const char *text, const struct filter *filter)
{
    for (size_t i = 0; i < filter->pattern_count; i++) {
        if (!strstr(text, filter->words[i]))
            return false;
    }
    return true;
}

/* Whether the door may find the guest. Appends the guest unless GUESTS_MOST are shown. */
static bool show_guest(const struct search *search, const struct rows *rows, int at, int shown,
                       struct buffer *body)
{
    struct request *request = search->request;
    const struct event *event = request_event(request);
    struct row row;
    row_read_guest(rows, at, &row);
    json_t *answers =
        event_door_answers(event, row.cells[ROW_ANSWERS].text, request_locale(request));
    bool found = has_all(known_by(request_arena(request), &row, answers), &search->filter);
    if (found && shown > 0 && shown < GUESTS_MOST)
        buffer_add_char(body, ',');
    if (found && shown < GUESTS_MOST)
        row_json_at_door(&row, event, request_locale(request), answers, body);
    json_decref(answers);
    return found;
}

static void on_found(void *context, const struct db_result *result)
{
    const struct search *search = context;
    struct request *request = search->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    struct buffer body;
    int count = rows_count(result->rows), found = 0;
    buffer_init(&body);
    buffer_add_text(&body, "{\"attendees\":[");
    for (int at = 0; at < count && found <= GUESTS_MOST; at++)
        found += show_guest(search, result->rows, at, found, &body);
    bool more = found > GUESTS_MOST || count == GUESTS_LOOKED_AT_MOST;
    buffer_printf(&body, "],\"more\":%s}", more ? "true" : "false");
    reply_json_text(request, 200, body.bytes, body.length);
    buffer_finish(&body);
}

static bool has_enough_letters(const struct filter *filter)
{
    size_t letters = 0;
    for (size_t i = 0; i < filter->pattern_count; i++)
        letters += text_length(filter->words[i]);
    return letters >= GUESTS_LETTERS_LEAST;
}

static void refuse_short(struct request *request)
{
    reply_problem(request,
                  &(struct problem){.status = 422,
                                    .code = "search_too_short",
                                    .data = json_pack("{s:i}", "least", GUESTS_LETTERS_LEAST)});
}

void guests_search(struct request *request, const struct filter *filter)
{
    struct search *search = arena_alloc(request_arena(request), sizeof *search);
    *search = (struct search){.request = request, .filter = *filter};
    if (!has_enough_letters(&search->filter)) {
        refuse_short(request);
        return;
    }
    if (!caller_takes(request, PACE_SEARCHES)) {
        reply_refuse(request, 429, "too_many_searches");
        return;
    }
    struct params *params = attendee_guests_params(
        &(struct attendee_guests){.event_id = &request_event(request)->id,
                                  .most = GUESTS_LOOKED_AT_MOST,
                                  .today = event_day_at(request_event(request), clock_now_us())});
    filter_add_patterns(&search->filter, params, attendee_guests_add_pattern);
    db_run(
        request_worker(request)->db,
        &(struct db_query){
            .lane = DB_SLOW, .run = params, .again = true, .on_done = on_found, .context = search});
}
