#include "features/import/mapping.h"

#include <string.h>

#include "db/db.h"
#include "features/import/piece.h"
#include "features/import/upload.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "statements.h"
#include "view/locale.h"
#include "worker.h"

/* A name for a sign that forms would trim. */
static const struct separator {
    const char *slug;
    char sign;
} separators[] = {{"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}};

static const struct encoding {
    const char *slug;
} encodings[] = {{"utf-8"}, {"windows-1252"}, {"utf-16le"}, {"utf-16be"}};

/* What the query or the body chooses. NULL, empty: it is guessed. */
struct chosen {
    const char *encoding, *separator;
    const char *heading; /* "yes", "no" */
    const char **columns;
    size_t column_count;
    const char *ticket_type, *language;
};

static const struct heading {
    const char *slug;
} headings[] = {{"yes"}, {"no"}};

struct mapping {
    struct request *request;
    struct id import_id;
    struct chosen chosen;
    json_t *errors; /* of what was sent; NULL: none */
    bool is_check;
    const char *name;
    enum import_state state;
    struct line_rules rules;
    struct columns columns;
};

static const struct form_field query_fields[] = {
    {"encoding", KIND_CHOICE, FORM_AT(struct chosen, encoding), .choices = KIND_CHOICES(encodings)},
    {"separator", KIND_CHOICE, FORM_AT(struct chosen, separator),
     .choices = KIND_CHOICES(separators)},
    {"heading", KIND_CHOICE, FORM_AT(struct chosen, heading), .choices = KIND_CHOICES(headings)},
};
static const struct form query_form = FORM(struct chosen, query_fields);

/* A column that means nothing is "". */
static void read_columns(const struct form_place *place, const struct form_field *field,
                         void *values)
{
    struct chosen *chosen = values;
    size_t count = json_array_size(place->value), i;
    json_t *column;
    (void)field;
    if (!place->value || json_is_null(place->value))
        return;
    if (!json_is_array(place->value) || count > LIST_COLUMNS_MOST) {
        form_refuse_here(place, "list_expected", NULL);
        return;
    }
    chosen->columns = arena_alloc(place->reading->arena, (count + 1) * sizeof *chosen->columns);
    chosen->column_count = count;
    json_array_foreach (place->value, i, column) {
        const char *means = json_string_value(column);
        const struct form_place item = form_element(place, i);
        if (means && columns_may_mean(place->reading->context, means))
            chosen->columns[i] = arena_copy(place->reading->arena, means);
        else
            form_refuse_here(&item, "no_such_column", NULL);
    }
}

static void check_chosen(const struct form_place *place, void *values)
{
    const struct chosen *chosen = values;
    const struct event *event = place->reading->context;
    if (chosen->ticket_type && !event_ticket_type(event, chosen->ticket_type))
        form_refuse_at(place, "ticket_type", "unknown_ticket_type", NULL);
    if (chosen->language && !event_has_language(event, chosen->language))
        form_refuse_at(place, "language", "language_not_spoken", NULL);
}

static const struct form_field check_fields[] = {
    {"encoding", KIND_CHOICE, FORM_AT(struct chosen, encoding), .choices = KIND_CHOICES(encodings)},
    {"separator", KIND_CHOICE, FORM_AT(struct chosen, separator),
     .choices = KIND_CHOICES(separators)},
    {"heading", KIND_CHOICE, FORM_AT(struct chosen, heading), .choices = KIND_CHOICES(headings)},
    {"columns", .read = read_columns},
    {"ticket_type", KIND_TEXT, FORM_AT(struct chosen, ticket_type)},
    {"language", KIND_TEXT, FORM_AT(struct chosen, language)},
};
static const struct form check_form = FORM(struct chosen, check_fields, .check = check_chosen);

/* --- Guessing -------------------------------------------------------------------------------- */

static struct line_rules rules_of(struct arena *arena, const struct event *event,
                                  struct list_source *source, const struct chosen *chosen,
                                  const char *locale, struct columns *ret_columns)
{
    int heading = chosen->heading ? strcmp(chosen->heading, "yes") == 0 : -1;
    if (chosen->encoding && !list_encoding_named(chosen->encoding, &source->encoding))
        source->encoding = LIST_UTF_8;
    source->separator = list_separator_guess(source);
    for (size_t i = 0; chosen->separator && i < sizeof separators / sizeof *separators; i++) {
        if (strcmp(separators[i].slug, chosen->separator) == 0)
            source->separator = separators[i].sign;
    }
    columns_guess(arena, event, source, heading, ret_columns);
    for (size_t i = 0; i < chosen->column_count && i < ret_columns->count; i++)
        ret_columns->means[i] = chosen->columns[i];
    bool has_own = locale && event_has_language(event, locale);
    return (struct line_rules){
        .encoding = source->encoding,
        .separator = source->separator,
        .has_heading = ret_columns->has_heading,
        .means = ret_columns->means,
        .headings = ret_columns->headings,
        .column_count = ret_columns->count,
        .ticket_type = chosen->ticket_type,
        .language = chosen->language ? chosen->language
                    : has_own        ? locale
                                     : event->languages[0],
        .locale = locale,
    };
}

struct line_rules mapping_guess(struct arena *arena, const struct event *event,
                                const struct list_source *source, const char *locale,
                                struct columns *ret_columns)
{
    const struct chosen nothing = {0};
    struct list_source copy = *source;
    return rules_of(arena, event, &copy, &nothing, locale, ret_columns);
}

/* --- The page -------------------------------------------------------------------------------- */

static json_t *say(struct request *request, const char *key, json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(request), key, data, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    json_decref(data);
    return json;
}

/* Takes the label. */
static void add_option(json_t *options, const char *slug, json_t *label, bool is_chosen)
{
    json_array_append_new(
        options, json_pack("{s:s, s:o, s:b}", "slug", slug, "label", label, "chosen", is_chosen));
}

static json_t *meanings_view(const struct mapping *mapping, const char *chosen)
{
    static const char *const fixed[] = {"",      "name",        "first_name", "last_name",
                                        "email", "ticket_type", "language",   "status"};
    struct request *request = mapping->request;
    const struct event *event = request_event(request);
    json_t *options = json_array();
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        const char *key = *fixed[i]
                              ? arena_printf(request_arena(request), "import.means.%s", fixed[i])
                              : "import.means_nothing";
        add_option(options, fixed[i], say(request, key, NULL), strcmp(fixed[i], chosen) == 0);
    }
    for (size_t i = 0; i < event->question_count; i++) {
        const struct question *question = &event->questions[i];
        const char *slug = arena_printf(request_arena(request), "answers.%s", question->slug);
        const char *label =
            event_text(event, &question->label, locale_code(request_locale(request)));
        add_option(options, slug, json_string(label), strcmp(slug, chosen) == 0);
    }
    return options;
}

static json_t *column_view(const struct mapping *mapping, size_t column)
{
    const struct columns *columns = &mapping->columns;
    json_t *examples = json_array();
    for (size_t i = 0; i < COLUMNS_EXAMPLES; i++) {
        if (columns->examples[column][i])
            json_array_append_new(examples, json_string(columns->examples[column][i]));
    }
    json_t *view = json_pack("{s:s, s:s, s:o}", "heading", columns->headings[column], "means",
                             columns->means[column], "examples", examples);
    if (!request_is_desk(mapping->request))
        return view;
    json_object_set_new(view, "number", json_integer((json_int_t)column + 1));
    json_object_set_new(view, "index", json_integer((json_int_t)column));
    const char *name = arena_printf(request_arena(mapping->request), "columns.%zu", column);
    const char *error = field_view_error(mapping->errors, name);
    if (error)
        json_object_set_new(view, "error", json_string(error));
    json_object_set_new(view, "options", meanings_view(mapping, columns->means[column]));
    return view;
}

static json_t *languages_view(const struct mapping *mapping)
{
    struct request *request = mapping->request;
    const struct event *event = request_event(request);
    json_t *options = json_array();
    for (size_t i = 0; i < event->language_count; i++) {
        const char *code = event->languages[i];
        const char *key = arena_printf(request_arena(request), "history.language.%s", code);
        bool is_named = locale_has(request_locale(request), key);
        add_option(options, code, is_named ? say(request, key, NULL) : json_string(code),
                   strcmp(code, mapping->rules.language) == 0);
    }
    return json_pack("{s:b, s:o}", "several", event->language_count > 1, "options", options);
}

static json_t *ticket_types_view(const struct mapping *mapping)
{
    struct request *request = mapping->request;
    const struct event *event = request_event(request);
    json_t *options = json_array();
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const char *slug = event->ticket_types[i].slug;
        const char *title =
            event_type_title(event, slug, request_locale(request), request_arena(request));
        const char *chosen = mapping->rules.ticket_type;
        add_option(options, slug, json_string(title), chosen && strcmp(chosen, slug) == 0);
    }
    return json_pack("{s:b, s:o, s:o}", "several", event->ticket_type_count > 1, "options", options,
                     "error",
                     json_string(field_view_error(mapping->errors, "ticket_type")
                                     ? field_view_error(mapping->errors, "ticket_type")
                                     : ""));
}

static const char *separator_slug(char sign)
{
    const char *slug = separators[0].slug;
    for (size_t i = 0; i < sizeof separators / sizeof *separators; i++) {
        if (separators[i].sign == sign)
            slug = separators[i].slug;
    }
    return slug;
}

static void add_controls(const struct mapping *mapping, json_t *view)
{
    struct request *request = mapping->request;
    struct arena *arena = request_arena(request);
    json_t *as_encoding = json_array(), *as_separator = json_array();
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
        add_option(
            as_encoding, encodings[i].slug,
            say(request, arena_printf(arena, "import.encodings.%s", encodings[i].slug), NULL),
            strcmp(encodings[i].slug, list_encoding_name(mapping->rules.encoding)) == 0);
    for (size_t i = 0; i < sizeof separators / sizeof *separators; i++)
        add_option(
            as_separator, separators[i].slug,
            say(request, arena_printf(arena, "import.separators.%s", separators[i].slug), NULL),
            separators[i].sign == mapping->rules.separator);
    json_t *problems = field_view_problems(arena, mapping->errors, false);
    json_object_set_new(view, "encodings", as_encoding);
    json_object_set_new(view, "separators", as_separator);
    json_object_set_new(view, "ticket_types", ticket_types_view(mapping));
    json_object_set_new(view, "languages", languages_view(mapping));
    json_object_set_new(view, "has_problems", json_boolean(json_array_size(problems) > 0));
    json_object_set_new(view, "problems", problems);
    json_object_set_new(view, "action",
                        json_string(upload_link(request, &mapping->import_id, "check")));
    json_object_set_new(view, "self",
                        json_string(upload_link(request, &mapping->import_id, "columns")));
    json_object_set_new(view, "again",
                        json_string(arena_printf(arena, "/desk/events/%s/attendees/import",
                                                 request_event(request)->slug)));
}

static void answer(struct mapping *mapping)
{
    struct request *request = mapping->request;
    json_t *columns = json_array();
    for (size_t i = 0; i < mapping->columns.count; i++)
        json_array_append_new(columns, column_view(mapping, i));
    json_t *view =
        json_pack("{s:o, s:s, s:s, s:s, s:s, s:b, s:o}", "id", view_id(&mapping->import_id), "name",
                  mapping->name, "state", import_state_name(mapping->state), "encoding",
                  list_encoding_name(mapping->rules.encoding), "separator",
                  separator_slug(mapping->rules.separator), "heading", mapping->rules.has_heading,
                  "columns", columns);
    if (request_is_desk(request))
        add_controls(mapping, view);
    int status = mapping->errors ? 422 : 200;
    json_decref(mapping->errors);
    if (request_is_desk(request))
        reply_page(request, status, "features/import/mapping.html", view);
    else
        reply_view(request, 200, view);
}

/* --- Checking -------------------------------------------------------------------------------- */

static bool has_meaning(const struct columns *columns, const char *meaning)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (strcmp(columns->means[i], meaning) == 0)
            return true;
    }
    return false;
}

static void add_finding(struct mapping *mapping, const char *pointer, const char *code,
                        json_t *data)
{
    struct findings findings;
    findings_init(&findings, request_locale(mapping->request));
    findings_add(&findings, pointer, code, data);
    mapping->errors = findings_take(&findings);
}

/* The pointer of a column in the API; at the desk, the select that the link leads to. */
static const char *column_pointer(const struct mapping *mapping, size_t column)
{
    return arena_printf(request_arena(mapping->request), "/columns/%zu", column);
}

static void check_columns(struct mapping *mapping)
{
    const struct columns *columns = &mapping->columns;
    if (columns->count == 0) {
        add_finding(mapping, "/columns", "import_nothing", NULL);
        return;
    }
    if (!has_meaning(columns, "name") && !has_meaning(columns, "first_name") &&
        !has_meaning(columns, "last_name")) {
        add_finding(mapping, column_pointer(mapping, 0), "import_name_column", NULL);
        return;
    }
    for (size_t i = 0; i < columns->count; i++) {
        for (size_t j = 0; j < i && *columns->means[i] && !mapping->errors; j++) {
            if (strcmp(columns->means[i], columns->means[j]) == 0)
                add_finding(mapping, column_pointer(mapping, i), "import_column_twice",
                            json_pack("{s:I}", "first", (json_int_t)j + 1));
        }
    }
}

static void on_checking(void *context, const struct db_result *result)
{
    struct mapping *mapping = context;
    struct request *request = mapping->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    const char *link = upload_link(request, &mapping->import_id, "people");
    switch (import_check_outcome(result->rows, 0)) {
    case IMPORT_CHECK_OUTCOME_CHECKING:
    case IMPORT_CHECK_OUTCOME_STARTED:
        if (request_is_desk(request)) {
            reply_see_other(request, link);
            return;
        }
        reply_header(request, "Location", link);
        reply_view(request, 202, json_pack("{s:o}", "id", view_id(&mapping->import_id)));
        return;
    case IMPORT_CHECK_OUTCOME_NOT_FOUND:
    case IMPORT_CHECK_OUTCOME_NONE:
        reply_refuse(request, 404, "not_found");
        return;
    }
}

static void check(struct mapping *mapping)
{
    struct request *request = mapping->request;
    if (!mapping->errors)
        check_columns(mapping);
    if (mapping->errors && request_is_desk(request)) {
        answer(mapping);
        return;
    }
    if (mapping->errors) {
        form_refuse(request, mapping->errors);
        return;
    }
    json_t *rules = line_rules_write(&mapping->rules);
    const char *text = draft_json_text(request_arena(request), rules);
    json_decref(rules);
    db_ask(request_worker(request)->db,
           import_check_params(&(struct import_check){.event_id = &request_event(request)->id,
                                                      .import_id = &mapping->import_id,
                                                      .rules = text}),
           on_checking, mapping);
}

static void on_piece(void *context, const struct db_result *result)
{
    struct mapping *mapping = context;
    struct request *request = mapping->request;
    const struct rows *rows = result->rows;
    struct arena *arena = request_arena(request);
    if (result->outcome != DB_DONE || rows_count(rows) == 0) {
        json_decref(mapping->errors);
        if (result->outcome != DB_DONE)
            reply_failed(request, result);
        else
            reply_refuse(request, 404, "not_found");
        return;
    }
    size_t length;
    char *bytes = rows_bytes(rows, 0, "piece", &length);
    struct list_source source = {.bytes = bytes,
                                 .length = length,
                                 .is_whole = (int64_t)length >= rows_number(rows, 0, "size"),
                                 .is_start = true};
    if (!list_encoding_named(rows_text(rows, 0, "encoding"), &source.encoding))
        source.encoding = LIST_UTF_8;
    mapping->name = arena_copy(arena, rows_text(rows, 0, "name"));
    mapping->state = import_piece_state(rows, 0);
    mapping->rules = rules_of(arena, request_event(request), &source, &mapping->chosen,
                              locale_code(request_locale(request)), &mapping->columns);
    free(bytes);
    if (mapping->is_check)
        check(mapping);
    else
        answer(mapping);
}

static void begin(struct mapping *mapping)
{
    struct request *request = mapping->request;
    db_run(request_worker(request)->db,
           &(struct db_query){.lane = DB_SLOW,
                              .run = import_piece_params(
                                  &(struct import_piece){.event_id = &request_event(request)->id,
                                                         .import_id = &mapping->import_id,
                                                         .most = PIECE_BYTES}),
                              .again = true,
                              .on_done = on_piece,
                              .context = mapping});
}

/* NULL: there is no such list, and the request is answered. */
static struct mapping *find(struct request *request)
{
    struct mapping *mapping = arena_alloc(request_arena(request), sizeof *mapping);
    mapping->request = request;
    request_locale(request);
    if (id_parse(request_path(request, "import"), &mapping->import_id))
        return mapping;
    reply_refuse(request, 404, "not_found");
    return NULL;
}

void mapping_show(struct request *request)
{
    struct mapping *mapping = find(request);
    if (!mapping)
        return;
    const char *wrong = form_read_query(request, &query_form, NULL, &mapping->chosen);
    if (wrong)
        form_refuse_parameter(request, "import", wrong);
    else
        begin(mapping);
}

void mapping_check(struct request *request)
{
    struct mapping *mapping = find(request);
    if (!mapping)
        return;
    mapping->is_check = true;
    mapping->errors =
        form_read_body(request, &check_form, request_event(request), &mapping->chosen);
    begin(mapping);
}
