#include "features/attendee/guests.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/search.h"
#include "base/text.h"
#include "db/db.h"
#include "features/attendee/filter.h"
#include "features/attendee/row.h"
#include "event/answer_text.h"
#include "event/draft.h"
#include "features/feature.h"
#include "http/reply.h"
#include "http/source.h"
#include "statements.h"

/* Lives in its request's arena. */
struct search {
    struct request *request;
    struct filter filter;
};

static const char *known_by(struct arena *arena, const struct row *row, const json_t *answers)
{
    struct id id;
    bool has_id = id_parse(row->cells[ROW_ATTENDEE_ID].text, &id);
    return event_door_search(arena, row->cells[ROW_NAME].text, answers, has_id ? &id : NULL);
}

static bool has_all(const char *text, const struct filter *filter)
{
    for (size_t i = 0; i < filter->pattern_count; i++) {
        if (!strstr(text, filter->words[i]))
            return false;
    }
    return true;
}

/* --- Namesakes ------------------------------------------------------------------------------- */

/* A guest who is shown. */
struct guest {
    struct row row;
    int at; /* of the rows */
    json_t *answers;
    const char *looks;        /* all that the door shows of them, folded */
    const char *masked_email; /* NULL: not needed, or no address */
    bool needs_number;
};

/* "a…@example.org": enough for a guest to say which one is theirs. NULL: there is no address. */
static const char *masked(struct arena *arena, const char *address)
{
    const char *domain = address ? strrchr(address, '@') : NULL;
    if (!domain || domain == address)
        return NULL;
    size_t first = 1;
    while ((address[first] & 0xc0) == 0x80)
        first++;
    return arena_printf(arena, "%.*s…%s", (int)first, address, domain);
}

static const char *looks_of(struct arena *arena, const struct guest *guest)
{
    const struct cell *cells = guest->row.cells;
    char *answers = json_dumps(guest->answers, JSON_COMPACT);
    const char *looks = arena_printf(arena, "%s\n%s\n%s", text_fold(arena, cells[ROW_NAME].text),
                                     cells[ROW_TICKET_TYPE].text, answers);
    free(answers);
    return looks;
}

static bool has_twin(const struct guest *guests, int count, const struct guest *one)
{
    for (int i = 0; i < count; i++) {
        if (&guests[i] != one && strcmp(guests[i].looks, one->looks) == 0)
            return true;
    }
    return false;
}

static bool has_twin_address(const struct guest *guests, int count, const struct guest *one)
{
    for (int i = 0; i < count; i++) {
        if (&guests[i] != one && strcmp(guests[i].looks, one->looks) == 0 &&
            strcmp(guests[i].masked_email ? guests[i].masked_email : "",
                   one->masked_email ? one->masked_email : "") == 0)
            return true;
    }
    return false;
}

/* Shows the masked address of guests who look the same, and the ticket number where that is the
 * same, too. */
static void tell_apart(struct arena *arena, const struct rows *rows, struct guest *guests,
                       int count)
{
    for (int i = 0; i < count; i++)
        guests[i].looks = looks_of(arena, &guests[i]);
    for (int i = 0; i < count; i++) {
        if (has_twin(guests, count, &guests[i]))
            guests[i].masked_email = masked(arena, rows_text(rows, guests[i].at, "address"));
    }
    for (int i = 0; i < count; i++)
        guests[i].needs_number = has_twin_address(guests, count, &guests[i]);
}

/* --- The answer ------------------------------------------------------------------------------ */

/* Whether the door may find the guest. */
static bool read_guest(const struct search *search, const struct rows *rows, int at,
                       struct guest *ret_guest)
{
    struct request *request = search->request;
    *ret_guest = (struct guest){.at = at};
    row_read_guest(rows, at, &ret_guest->row);
    ret_guest->answers = event_door_answers(
        request_event(request), ret_guest->row.cells[ROW_ANSWERS].text, request_locale(request));
    return has_all(known_by(request_arena(request), &ret_guest->row, ret_guest->answers),
                   &search->filter);
}

static void add_guest(const struct search *search, const struct guest *guest,
                      struct json_writer *json)
{
    struct row_at_door more = {.masked_email = guest->masked_email,
                               .needs_number = guest->needs_number};
    row_json_at_door(&guest->row, request_event(search->request), request_locale(search->request),
                     guest->answers, &more, json);
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
    struct json_writer json;
    struct guest guests[GUESTS_MOST + 1];
    int count = rows_count(result->rows), found = 0;
    for (int at = 0; at < count && found <= GUESTS_MOST; at++) {
        if (read_guest(search, result->rows, at, &guests[found]))
            found++;
        else
            json_decref(guests[found].answers);
    }
    int shown = found < GUESTS_MOST ? found : GUESTS_MOST;
    tell_apart(request_arena(request), result->rows, guests, shown);
    buffer_init(&body);
    json_writer_init(&json, &body);
    json_writer_object(&json, NULL);
    json_writer_list(&json, "attendees");
    for (int i = 0; i < shown; i++)
        add_guest(search, &guests[i], &json);
    json_writer_end(&json);
    for (int i = 0; i < found; i++)
        json_decref(guests[i].answers);
    bool more = found > GUESTS_MOST || count == GUESTS_LOOKED_AT_MOST;
    json_writer_bool(&json, "more", more);
    json_writer_end(&json);
    reply_json(request, 200, &body);
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
