#include "features/attendee/bulk.h"

#include <string.h>

#include "base/text.h"
#include "db/db.h"
#include "event/event.h"
#include "features/attendee/filter.h"
#include "features/attendee/people.h"
#include "features/attendee/people_view.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/desk.h"
#include "http/reply.h"
#include "statements.h"
#include "view/locale.h"
#include "worker.h"

static const char page_template[] = "features/attendee/bulk.html";

/* Below the desk or the API, whichever the request came by. */
static const char *link_to(struct request *request, const struct id *bulk_id)
{
    char id[ID_TEXT_BYTES];
    id_format(bulk_id, id);
    return arena_printf(request_arena(request), "%s/events/%s/attendees/bulk/%s/people",
                        request_is_desk(request) ? "/desk" : "/api/v1",
                        request_event(request)->slug, id);
}

/* --- A draft --------------------------------------------------------------------------------- */

struct draft {
    enum bulk_verb verb;
    bool is_mailing; /* "write": no verb of a bulk action */
    bool is_all;     /* that the filter matches */
    struct id *attendees;
    size_t attendee_count;
};

static void read_verb(const struct form_place *place, const struct form_field *field, void *values)
{
    struct draft *draft = values;
    (void)field;
    const char *verb = form_is_given(place) ? json_string_value(place->value) : NULL;
    draft->verb = bulk_verb_parse(verb);
    draft->is_mailing = verb && strcmp(verb, "write") == 0;
    if (draft->verb == BULK_VERB_NONE && !draft->is_mailing)
        form_refuse_here(place, "bulk_verb", NULL);
}

static const struct form_field draft_fields[] = {
    {"verb", .read = read_verb},
    {"all", KIND_BOOLEAN, FORM_AT(struct draft, is_all)},
    {"attendees", KIND_ID, FORM_AT(struct draft, attendees), .shape = FORM_LIST,
     FORM_COUNT_AT(struct draft, attendee_count), .items_most = BULK_CHOSEN_MOST},
};

static void check_draft(const struct form_place *place, void *values)
{
    const struct draft *draft = values;
    if (!draft->is_all && draft->attendee_count == 0)
        form_refuse_at(place, "attendees", "nobody_chosen", NULL);
}

static const struct form draft_form = FORM(struct draft, draft_fields, .check = check_draft);

struct making {
    struct request *request;
    struct id bulk_id;
    const char *link; /* to what was made */
};

static void on_made(void *context, const struct db_result *result)
{
    struct making *making = context;
    struct request *request = making->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    if (request_is_desk(request)) {
        reply_see_other(request, making->link);
        return;
    }
    reply_header(request, "Location", making->link);
    reply_view(request, 201, json_pack("{s:o}", "id", view_id(&making->bulk_id)));
}

static const char *link_to_mailing(struct request *request, const struct id *mailing_id)
{
    char id[ID_TEXT_BYTES];
    id_format(mailing_id, id);
    return arena_printf(request_arena(request), "%s/events/%s/mailings/%s%s",
                        request_is_desk(request) ? "/desk" : "/api/v1",
                        request_event(request)->slug, id, request_is_desk(request) ? "/edit" : "");
}

static struct params *mailing_params(struct making *making, const struct draft *draft,
                                     const char *filter)
{
    struct request *request = making->request;
    const char *list = people_link(request, NULL, NULL, NULL, NULL), *query = strchr(list, '?');
    struct params *params =
        mailing_draft_params(&(struct mailing_draft){.event_id = &request_event(request)->id,
                                                     .mailing_id = &making->bulk_id,
                                                     .actor = request_caller(request)->label,
                                                     .filter = filter,
                                                     .query = filter && query ? query + 1 : "",
                                                     .texts = "[]"});
    for (size_t i = 0; i < draft->attendee_count; i++)
        mailing_draft_add_attendee(params, &draft->attendees[i]);
    making->link = link_to_mailing(request, &making->bulk_id);
    return params;
}

void bulk_make(struct request *request)
{
    const struct event *event = request_event(request);
    struct draft draft = {0};
    struct filter filter = {0};
    const char *wrong = form_read_query(request, &filter_form, event, &filter);
    json_t *errors = form_read_body(request, &draft_form, NULL, &draft);
    if (wrong) {
        json_decref(errors);
        form_refuse_parameter(request, "attendee", wrong);
        return;
    }
    if (errors && request_is_desk(request)) {
        json_decref(errors);
        people_show_problem(request, "attendee.people.nobody_chosen");
        return;
    }
    if (errors) {
        form_refuse(request, errors);
        return;
    }
    struct making *making = arena_alloc(request_arena(request), sizeof *making);
    making->request = request;
    id_make_in(event->number, &making->bulk_id);
    if (draft.is_mailing) {
        db_ask(request_worker(request)->db,
               mailing_params(making, &draft, draft.is_all ? filter.text : NULL), on_made, making);
        return;
    }
    making->link = link_to(request, &making->bulk_id);
    if (request_is_desk(request))
        making->link = desk_came_from(request, making->link, people_query(request));
    struct params *params = attendee_bulk_draft_params(
        &(struct attendee_bulk_draft){.event_id = &event->id,
                                      .bulk_id = &making->bulk_id,
                                      .verb = draft.verb,
                                      .actor = request_caller(request)->label,
                                      .filter = draft.is_all ? filter.text : NULL});
    for (size_t i = 0; i < draft.attendee_count; i++)
        attendee_bulk_draft_add_attendee(params, &draft.attendees[i]);
    db_run(
        request_worker(request)->db,
        &(struct db_query){.lane = DB_SLOW, .run = params, .on_done = on_made, .context = making});
}

/* --- What it does ---------------------------------------------------------------------------- */

struct looking {
    struct request *request;
    struct id bulk_id;
    const char *outcome; /* the list of these people; NULL: none */
    long after;
    enum bulk_verb verb;
    enum bulk_state state;
    json_t *view;
    json_t *errors; /* of the confirmation that was sent; NULL: none */
    bool is_refused;
};

static struct looking *begin(struct request *request)
{
    struct looking *looking = arena_alloc(request_arena(request), sizeof *looking);
    looking->request = request;
    if (id_parse(request_path(request, "bulk"), &looking->bulk_id))
        return looking;
    reply_refuse(request, 404, "not_found");
    return NULL;
}

static json_t *say(const struct looking *looking, const char *key, json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(looking->request), key, data, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    json_decref(data);
    return json;
}

static json_t *say_of_verb(const struct looking *looking, const char *what, int64_t n)
{
    const char *key = arena_printf(request_arena(looking->request), "attendee.bulk.%s.%s",
                                   bulk_verb_name(looking->verb), what);
    return say(looking, key, json_pack("{s:I}", "n", (json_int_t)n));
}

static json_t *outcome_view(const struct looking *looking, const struct rows *rows, int row)
{
    enum bulk_outcome outcome = attendee_bulk_show_kind(rows, row);
    const char *name = bulk_outcome_name(outcome);
    int64_t count = rows_number(rows, row, "count");
    json_t *names = json_loads(rows_text(rows, row, "names"), 0, NULL);
    json_t *view =
        json_pack("{s:s, s:I, s:I, s:o*}", "outcome", name, "count", (json_int_t)count, "more",
                  (json_int_t)count - (json_int_t)json_array_size(names), "names", names);
    if (!request_is_desk(looking->request))
        return view;
    if (outcome == BULK_OUTCOME_ERASED) { /* they have no names */
        json_object_set_new(view, "names", json_array());
        json_object_set_new(view, "more", json_integer(0));
    }
    bool is_done = outcome == BULK_OUTCOME_DONE;
    const char *key = arena_printf(request_arena(looking->request), "attendee.bulk.not.%s", name);
    json_object_set_new(
        view, "sentence",
        is_done ? say_of_verb(looking, looking->state == BULK_STATE_DRAFT ? "will" : "did", count)
                : say(looking, key, json_pack("{s:I}", "n", (json_int_t)count)));
    json_object_set_new(view, "is_done", json_boolean(is_done));
    json_object_set_new(view, "is_failed", json_boolean(outcome == BULK_OUTCOME_FAILED));
    return view;
}

/* The people for whom the page shows the mail. Takes [{"id", "name", "language", "action"}]. */
static void add_examples(struct looking *looking, json_t *examples)
{
    struct request *request = looking->request;
    size_t i;
    json_t *example;
    json_array_foreach (examples, i, example) {
        const char *code = json_string_value(json_object_get(example, "language"));
        const struct locale *locale = locale_find(request_worker(request)->locales, code);
        json_object_set_new(example, "language_name",
                            json_string(locale ? locale_name(locale) : code));
        json_object_set_new(
            example, "mail",
            json_string(arena_printf(
                request_arena(request), "/desk/events/%s/attendees/%s/mail-preview?action=%s",
                request_event(request)->slug, json_string_value(json_object_get(example, "id")),
                json_string_value(json_object_get(example, "action")))));
    }
    if (json_array_size(examples) > 0) {
        json_object_set(looking->view, "example", json_array_get(examples, 0));
        json_object_set(looking->view, "examples", examples);
        json_object_set_new(looking->view, "has_several",
                            json_boolean(json_array_size(examples) > 1));
        desk_allow_frame(request);
    }
    json_decref(examples);
}

/* What the page says of the whole action. */
static void add_texts(struct looking *looking)
{
    json_t *view = looking->view;
    const char *state = bulk_state_name(looking->state);
    json_t *first = json_array_get(json_object_get(view, "outcomes"), 0);
    bool is_done = json_is_true(json_object_get(first, "is_done"));
    int64_t changes = is_done ? json_integer_value(json_object_get(first, "count")) : 0;
    int64_t total = json_integer_value(json_object_get(view, "total"));
    const char *title = looking->state == BULK_STATE_DRAFT  ? "ask"
                        : looking->state == BULK_STATE_DONE ? "over"
                                                            : "doing";
    json_object_set_new(view, "is", json_pack("{s:b}", state, true));
    json_object_set_new(
        view, "is_under_way",
        json_boolean(looking->state == BULK_STATE_QUEUED || looking->state == BULK_STATE_WORKING));
    json_object_set_new(
        view, "is_danger",
        json_boolean(looking->verb == BULK_VERB_DECLINE || looking->verb == BULK_VERB_CANCEL));
    json_object_set_new(view, "is_resend", json_boolean(looking->verb == BULK_VERB_RESEND));
    json_object_set_new(view, "changes", json_integer(changes));
    struct request *request = looking->request;
    const char *list = arena_printf(request_arena(request), "/desk/events/%s/attendees",
                                    request_event(request)->slug);
    json_object_set_new(view, "list", json_string(desk_back(request, list)));
    json_object_set_new(view, "base", json_string(list));
    json_object_set_new(view, "from", json_string(desk_from(request, "")));
    json_object_set_new(view, "and_from", json_string(desk_from(request, "?") + 1));
    json_object_set_new(view, "title", say_of_verb(looking, title, total));
    json_object_set_new(view, "button", say_of_verb(looking, "button", changes));
    const json_t *typed = looking->errors ? request_body(looking->request) : NULL;
    json_object_set_new(
        view, "own_words",
        field_view_plain(looking->errors, "words", json_object_get(typed, "words")));
    json_object_set_new(view, "is_silent", json_boolean(typed && !json_object_get(typed, "tells")));
    json_object_set_new(
        view, "problems",
        field_view_problems(request_arena(looking->request), looking->errors, false));
}

static void answer(struct looking *looking)
{
    if (request_is_desk(looking->request))
        reply_page(looking->request, looking->is_refused ? 422 : 200, page_template, looking->view);
    else
        reply_view(looking->request, 200, looking->view);
}

static void on_people(void *context, const struct db_result *result)
{
    struct looking *looking = context;
    if (result->outcome != DB_DONE) {
        json_decref(looking->view);
        reply_failed(looking->request, result);
        return;
    }
    const struct rows *rows = result->rows;
    json_t *people = json_array();
    bool has_more = rows_count(rows) > BULK_PEOPLE_PAGE;
    for (int row = 0; row < rows_count(rows) && row < BULK_PEOPLE_PAGE; row++)
        json_array_append_new(people,
                              json_pack("{s:o, s:s}", "id", view_id_of(rows, row, "attendee_id"),
                                        "name", rows_text(rows, row, "name")));
    size_t i;
    json_t *outcome;
    json_array_foreach (json_object_get(looking->view, "outcomes"), i, outcome) {
        if (strcmp(json_string_value(json_object_get(outcome, "outcome")), looking->outcome) == 0)
            json_object_set(looking->view, "chosen", outcome);
    }
    json_object_set_new(looking->view, "outcome", json_string(looking->outcome));
    json_object_set_new(looking->view, "people", people);
    json_object_set_new(looking->view, "next",
                        has_more ? view_number_of(rows, BULK_PEOPLE_PAGE - 1, "ordinal")
                                 : json_null());
    answer(looking);
}

static void on_shown(void *context, const struct db_result *result)
{
    struct looking *looking = context;
    struct request *request = looking->request;
    const struct rows *rows = result->rows;
    if (result->outcome != DB_DONE || rows_count(rows) == 0) {
        json_decref(looking->errors);
        if (result->outcome != DB_DONE)
            reply_failed(request, result);
        else
            reply_refuse(request, 404, "not_found");
        return;
    }
    looking->verb = attendee_bulk_show_verb(rows, 0);
    looking->state = attendee_bulk_show_state(rows, 0);
    json_t *outcomes = json_array();
    for (int row = 0; row < rows_count(rows) && !rows_is_null(rows, row, "kind"); row++)
        json_array_append_new(outcomes, outcome_view(looking, rows, row));
    looking->view =
        json_pack("{s:o, s:s, s:s, s:b, s:s?, s:o, s:o, s:o}", "id", view_id(&looking->bulk_id),
                  "verb", bulk_verb_name(looking->verb), "state", bulk_state_name(looking->state),
                  "tells", rows_bool(rows, 0, "tells"), "words", view_text_of(rows, 0, "words"),
                  "total", view_number_of(rows, 0, "total"), "done",
                  view_number_of(rows, 0, "done_to"), "outcomes", outcomes);
    if (request_is_desk(request)) {
        add_texts(looking);
        add_examples(looking, rows_is_null(rows, 0, "examples")
                                  ? NULL
                                  : json_loads(rows_text(rows, 0, "examples"), 0, NULL));
    }
    json_decref(looking->errors);
    if (!looking->outcome) {
        answer(looking);
        return;
    }
    db_run(request_worker(request)->db,
           &(struct db_query){.lane = DB_SLOW,
                              .run = attendee_bulk_people_params(&(struct attendee_bulk_people){
                                  .event_id = &request_event(request)->id,
                                  .bulk_id = &looking->bulk_id,
                                  .kind = looking->outcome,
                                  .after = looking->after,
                                  .most = BULK_PEOPLE_PAGE + 1}),
                              .again = true,
                              .on_done = on_people,
                              .context = looking});
}

static void look(struct looking *looking)
{
    struct request *request = looking->request;
    db_run(request_worker(request)->db,
           &(struct db_query){.lane = DB_SLOW,
                              .run = attendee_bulk_show_params(&(struct attendee_bulk_show){
                                  .event_id = &request_event(request)->id,
                                  .bulk_id = &looking->bulk_id,
                                  .named = BULK_NAMES_MOST}),
                              .again = true,
                              .on_done = on_shown,
                              .context = looking});
}

void bulk_show(struct request *request)
{
    struct looking *looking = begin(request);
    if (!looking)
        return;
    const char *outcome = request_query(request, "outcome"),
               *after = request_query(request, "after");
    if (outcome && bulk_outcome_parse(outcome) != BULK_OUTCOME_NONE)
        looking->outcome = outcome;
    if (!after || !text_parse_number(after, 0, INT32_MAX, &looking->after))
        looking->after = 0;
    look(looking);
}

/* --- Confirming ------------------------------------------------------------------------------ */

struct confirmation {
    bool tells;
    const char *words;
};

static const struct form_field confirmation_fields[] = {
    {"tells", KIND_BOOLEAN, FORM_AT(struct confirmation, tells)},
    {"words", KIND_LONG_TEXT, FORM_AT(struct confirmation, words), .most = BULK_WORDS_MOST},
};
static const struct form confirmation_form = FORM(struct confirmation, confirmation_fields);

static void on_confirmed(void *context, const struct db_result *result)
{
    struct looking *looking = context;
    struct request *request = looking->request;
    if (result->outcome != DB_DONE)
        reply_failed(request, result);
    else if (attendee_bulk_start_outcome(result->rows, 0) != BULK_START_OUTCOME_STARTED)
        reply_refuse(request, 404, "not_found");
    else if (request_is_desk(request))
        reply_see_other(request, desk_from(request, link_to(request, &looking->bulk_id)));
    else
        look(looking);
}

void bulk_confirm(struct request *request)
{
    struct looking *looking = begin(request);
    /* A page's form leaves out a box that is not ticked. */
    struct confirmation confirmation = {.tells = !request_body_is_form(request)};
    if (!looking)
        return;
    json_t *errors = form_read_body(request, &confirmation_form, NULL, &confirmation);
    if (errors && request_is_desk(request)) {
        looking->errors = errors;
        looking->is_refused = true;
        look(looking);
        return;
    }
    if (errors) {
        form_refuse(request, errors);
        return;
    }
    db_ask(request_worker(request)->db,
           attendee_bulk_start_params(
               &(struct attendee_bulk_start){.event_id = &request_event(request)->id,
                                             .bulk_id = &looking->bulk_id,
                                             .actor = request_caller(request)->label,
                                             .tells = confirmation.tells,
                                             .words = confirmation.words}),
           on_confirmed, looking);
}
