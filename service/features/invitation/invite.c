#include "features/invitation/invite.h"

#include <string.h>

#include "base/search.h"
#include "base/text.h"
#include "event/event.h"
#include "event/events.h"
#include "features/invitation/invitation.h"
#include "features/invitation/invite_lines.h"
#include "features/invitation/invite_list.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "view/locale.h"
#include "worker.h"

static const char page_template[] = "features/invitation/invite.html";

/* --- What is sent ---------------------------------------------------------------------------- */

/* What may differ from person to person. */
struct person {
    const char *name;
    struct email email;
    const char *ticket_type, *language; /* NULL: as the others */
    int64_t good_for;                   /* 0: as the others */
};

struct invite {
    struct request *request;
    const char *text;
    struct person usual;
    struct person *people; /* those of `people`, or of the lines */
    size_t count;
    struct id *ids;
};

static const struct event *event_of(const struct form_place *place)
{
    return place->reading->context;
}

static void read_ticket_type(const struct form_place *place, const struct form_field *field,
                             void *values)
{
    struct person *person = values;
    const char *slug = form_is_given(place) ? json_string_value(place->value) : NULL;
    (void)field;
    if (form_is_given(place) && (!slug || !event_ticket_type(event_of(place), slug)))
        form_refuse_here(place, "unknown_ticket_type", NULL);
    else if (slug)
        person->ticket_type = arena_copy(place->reading->arena, slug);
}

static void read_language(const struct form_place *place, const struct form_field *field,
                          void *values)
{
    struct person *person = values;
    const char *language = form_is_given(place) ? json_string_value(place->value) : NULL;
    (void)field;
    if (form_is_given(place) && (!language || !event_has_language(event_of(place), language)))
        form_refuse_here(place, "language_not_spoken", NULL);
    else if (language)
        person->language = arena_copy(place->reading->arena, language);
}

static const struct form_field person_fields[] = {
    {"name", KIND_NAME, FORM_AT(struct person, name)},
    {"email", KIND_EMAIL, FORM_AT(struct person, email), FORM_NEEDED, "email_needed"},
    {"ticket_type", .read = read_ticket_type},
    {"language", .read = read_language},
    {"good_for", KIND_INTEGER, FORM_AT(struct person, good_for), .least = 1,
     .most = INVITATION_GOOD_FOR_MOST},
};
static const struct form person_form = FORM(struct person, person_fields);

static void read_usual_type(const struct form_place *place, const struct form_field *field,
                            void *values)
{
    read_ticket_type(place, field, &((struct invite *)values)->usual);
}

static void read_usual_language(const struct form_place *place, const struct form_field *field,
                                void *values)
{
    read_language(place, field, &((struct invite *)values)->usual);
}

static const struct form_field fields[] = {
    {"text", KIND_RAW, FORM_AT(struct invite, text)},
    {"file"},
    {"people", .of = &person_form, FORM_AT(struct invite, people), .shape = FORM_LIST,
     FORM_COUNT_AT(struct invite, count), .items_most = INVITE_PEOPLE_MOST},
    {"ticket_type", .read = read_usual_type},
    {"language", .read = read_usual_language},
    {"good_for", KIND_INTEGER, FORM_AT(struct invite, usual.good_for), .least = 1,
     .most = INVITATION_GOOD_FOR_MOST},
};

/* --- Lines ----------------------------------------------------------------------------------- */

static const struct form_field line_fields[] = {
    {"name", KIND_NAME, FORM_AT(struct person, name)},
    {"email", KIND_EMAIL, FORM_AT(struct person, email), FORM_NEEDED, "email_needed"},
};
static const struct form line_form = FORM(struct person, line_fields);

/* What is wrong with the line, in words; NULL: nothing. A new reference. */
static json_t *read_line(const struct form_place *place, const char *line, struct person *person)
{
    const char *name, *address;
    struct findings findings;
    struct form_reading reading = *place->reading;
    reading.kept_emails = NULL; /* a list is taken as it is */
    if (!invite_line_split(reading.arena, line, &name, &address))
        return json_null();
    json_t *given = json_pack("{s:s, s:s}", "name", name, "email", address), *fault = NULL;
    findings_init(&findings, place->reading->findings->locale);
    reading.findings = &findings;
    if (!given || !form_read(&reading, &line_form, given, person)) {
        json_t *errors = findings_take(&findings);
        fault = json_incref(json_object_get(json_array_get(errors, 0), "detail"));
        json_decref(errors);
        if (!fault)
            fault = json_null();
    } else {
        findings_finish(&findings);
    }
    json_decref(given);
    return fault;
}

/* The people of the lines; a heading may come first that has no address. */
static void read_lines(const struct form_place *place, void *values)
{
    struct invite *invite = values;
    struct arena *arena = place->reading->arena;
    const struct form_place text = form_member(place, "text");
    int number = 0;
    if (!invite->text || invite->people)
        return;
    invite->people = arena_alloc(arena, (INVITE_PEOPLE_MOST + 1) * sizeof *invite->people);
    for (const char *at = invite->text; *at && invite->count <= INVITE_PEOPLE_MOST;) {
        size_t length = strcspn(at, "\n");
        const char *line = text_clean(arena, arena_copy_bytes(arena, at, length));
        at += length + (at[length] == '\n');
        number++;
        if (!line || *line == '\0')
            continue;
        json_t *fault = read_line(&text, line, &invite->people[invite->count]);
        if (json_is_null(fault) && number == 1 && strchr(at, '@')) {
            json_decref(fault); /* the heading of a table */
            continue;
        }
        if (fault)
            form_refuse_here(
                &text, "invitee_line",
                json_pack("{s:i, s:s, s:O}", "line", number, "text", line, "detail", fault));
        json_decref(fault);
        invite->count++;
    }
    if (invite->count > INVITE_PEOPLE_MOST)
        form_refuse_here(&text, "too_many_invitees",
                         json_pack("{s:i}", "most", INVITE_PEOPLE_MOST));
}

/* Ticket types that everybody may choose need none. */
static bool needs_type(const struct event *event)
{
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        if (!event->ticket_types[i].code)
            return false;
    }
    return true;
}

static void check(const struct form_place *place, void *values)
{
    struct invite *invite = values;
    const struct event *event = event_of(place);
    read_lines(place, values);
    if (invite->count == 0)
        form_refuse_at(place, invite->people && !invite->text ? "people" : "text",
                       "nobody_to_invite", NULL);
    for (size_t i = 0; i < invite->count; i++) {
        struct person *person = &invite->people[i];
        const struct person *usual = &invite->usual;
        person->name = person->name ? person->name : "";
        person->language = person->language  ? person->language
                           : usual->language ? usual->language
                                             : event->languages[0];
        person->ticket_type = person->ticket_type ? person->ticket_type : usual->ticket_type;
        person->good_for = person->good_for  ? person->good_for
                           : usual->good_for ? usual->good_for
                                             : 1;
        if (!person->ticket_type && needs_type(event)) {
            form_refuse_at(place, "ticket_type", "invitee_ticket_type", NULL);
            return;
        }
    }
}

static const struct form form = FORM(struct invite, fields, .check = check);

/* --- The page -------------------------------------------------------------------------------- */

static json_t *type_options(struct request *request, const char *chosen)
{
    const struct event *event = request_event(request);
    json_t *options = json_array();
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const char *slug = event->ticket_types[i].slug;
        json_array_append_new(options,
                              json_pack("{s:s, s:s, s:b}", "slug", slug, "label",
                                        event_type_title(event, slug, request_locale(request),
                                                         request_arena(request)),
                                        "chosen", chosen && strcmp(chosen, slug) == 0));
    }
    return options;
}

static json_t *language_options(struct request *request, const char *chosen)
{
    const struct event *event = request_event(request);
    json_t *options = json_array();
    for (size_t i = 0; i < event->language_count; i++) {
        const char *code = event->languages[i];
        json_array_append_new(
            options,
            json_pack("{s:s, s:o, s:b}", "slug", code, "label",
                      invitation_word(
                          request, arena_printf(request_arena(request), "editor.language.%s", code),
                          NULL),
                      "chosen", chosen && strcmp(chosen, code) == 0));
    }
    return options;
}

/* Takes the errors; NULL: none. */
static void show(struct request *request, int status, json_t *errors)
{
    const struct event *event = request_event(request);
    json_t *typed = request_body(request), *one = json_string("1");
    json_t *good_for = json_object_get(typed, "good_for");
    const char *type = json_string_value(json_object_get(typed, "ticket_type"));
    const char *language = json_string_value(json_object_get(typed, "language"));
    json_t *problems = field_view_problems(request_arena(request), errors, false);
    json_t *view = json_pack(
        "{s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "list", invitation_path(request, ""),
        "action", invitation_path(request, "/add"), "has_problems", json_array_size(problems) > 0,
        "problems", problems, "file_field", field_view_plain(errors, "file", NULL), "text_field",
        field_view_plain(errors, "text", json_object_get(typed, "text")), "type_field",
        field_view_plain(errors, "ticket_type", NULL), "language_field",
        field_view_plain(errors, "language", NULL), "good_for_field",
        field_view_plain(errors, "good_for", good_for ? good_for : one));
    if (event->ticket_type_count > 1)
        json_object_set_new(view, "types",
                            json_pack("{s:o, s:b}", "options", type_options(request, type),
                                      "is_free", !needs_type(event)));
    if (event->language_count > 1)
        json_object_set_new(
            view, "languages",
            json_pack("{s:o}", "options",
                      language_options(request, language ? language
                                                         : locale_code(request_locale(request)))));
    json_decref(errors);
    json_decref(one);
    reply_page(request, status, page_template, view);
}

void invite_show(struct request *request)
{
    request_locale(request);
    show(request, 200, NULL);
}

/* --- Adding ---------------------------------------------------------------------------------- */

struct counted {
    int64_t added, known, registered, too_many;
};

/* At the desk: nobody was added, so the page says which people it was. */
static void refuse_all(const struct invite *invite, const struct rows *rows)
{
    struct request *request = invite->request;
    struct findings findings;
    findings_init(&findings, request_locale(request));
    for (int row = 0; row < rows_count(rows); row++) {
        const struct person *person = &invite->people[row];
        findings_add(
            &findings, "/text",
            arena_printf(request_arena(request), "invitee_%s", rows_text(rows, row, "outcome")),
            json_pack("{s:s, s:i}", "email", person->email.address, "most", INVITATIONS_MOST));
    }
    show(request, 422, findings_take(&findings));
}

static json_t *outcomes_view(const struct invite *invite, const struct rows *rows,
                             const struct counted *counted)
{
    json_t *people = json_array();
    for (int row = 0; row < rows_count(rows); row++)
        json_array_append_new(people,
                              json_pack("{s:s, s:s}", "email", invite->people[row].email.address,
                                        "outcome", rows_text(rows, row, "outcome")));
    return json_pack("{s:I, s:o}", "added", (json_int_t)counted->added, "people", people);
}

static struct counted count(const struct rows *rows)
{
    struct counted counted = {0};
    for (int row = 0; row < rows_count(rows); row++) {
        switch (invitation_add_outcome(rows, row)) {
        case INVITE_GUEST_OUTCOME_ADDED:
            counted.added++;
            break;
        case INVITE_GUEST_OUTCOME_KNOWN:
            counted.known++;
            break;
        case INVITE_GUEST_OUTCOME_REGISTERED:
            counted.registered++;
            break;
        case INVITE_GUEST_OUTCOME_TOO_MANY:
        case INVITE_GUEST_OUTCOME_NONE:
            counted.too_many++;
            break;
        }
    }
    return counted;
}

static void on_added(void *context, const struct db_result *result)
{
    const struct invite *invite = context;
    struct request *request = invite->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    struct counted counted = count(result->rows);
    changes_note(request_worker(request), &request_event(request)->id);
    if (!request_is_desk(request))
        reply_view(request, 200, outcomes_view(invite, result->rows, &counted));
    else if (counted.added == 0 || counted.too_many > 0)
        refuse_all(invite, result->rows);
    else
        reply_see_other(
            request,
            invitation_path(request,
                            arena_printf(request_arena(request),
                                         "?done=invitation.added&n=%lld&known=%lld&registered=%lld",
                                         (long long)counted.added, (long long)counted.known,
                                         (long long)counted.registered)));
}

static void add(struct invite *invite)
{
    struct request *request = invite->request;
    struct arena *arena = request_arena(request);
    struct params *params =
        invitation_add_params(&(struct invitation_add){.event_id = &request_event(request)->id,
                                                       .actor = request_caller(request)->label,
                                                       .most = INVITATIONS_MOST});
    invite->ids = arena_alloc(arena, invite->count * sizeof *invite->ids);
    for (size_t i = 0; i < invite->count; i++) {
        const struct person *person = &invite->people[i];
        const char *both = arena_printf(arena, "%s\n%s", person->name, person->email.address);
        id_make_in(request_event(request)->number, &invite->ids[i]);
        invitation_add_add_person(
            params, &(struct invitation_add_person){.invitation_id = &invite->ids[i],
                                                    .name = person->name,
                                                    .email = person->email.address,
                                                    .email_key = person->email.key,
                                                    .language = person->language,
                                                    .ticket_type = person->ticket_type,
                                                    .good_for = (int)person->good_for,
                                                    .search = search_text(arena, both)});
    }
    invitation_run_locked(request, params, on_added, invite);
}

/* The code of the finding for a file that is no list; NULL: it is one. */
static const char *fault_of(const struct request_file *file)
{
    static const char zip[] = "PK\x03\x04", ole[] = "\xd0\xcf\x11\xe0";
    size_t length = sizeof zip - 1;
    if (file->length < length)
        return NULL;
    if (memcmp(file->bytes, zip, length) == 0)
        return "import_workbook";
    return memcmp(file->bytes, ole, length) == 0 ? "import_old_workbook" : NULL;
}

/* Puts the lines of a file, or of cells that were copied, in the place of the text: if something is
 * wrong with them, they can be mended there. Returns the code of the finding; NULL: there is none.
 */
static const char *take_list(struct request *request)
{
    struct arena *arena = request_arena(request);
    json_t *body = request_body(request);
    const char *typed = json_string_value(json_object_get(body, "text")), *text = NULL;
    struct request_file file;
    bool has_file = request_file(request, "file", &file) && file.length > 0;
    if (has_file && fault_of(&file))
        return fault_of(&file);
    if (has_file)
        text = invite_list_text(arena, file.bytes, file.length,
                                list_encoding_guess(file.bytes, file.length), '\0');
    else if (typed && memchr(typed, '\t', strcspn(typed, "\n")))
        text = invite_list_text(arena, typed, strlen(typed), LIST_UTF_8, '\t');
    if (text)
        json_object_set_new(body, "text", json_string(text));
    return NULL;
}

static json_t *file_finding(struct request *request, const char *code)
{
    struct findings findings;
    findings_init(&findings, request_locale(request));
    findings_add(&findings, "/file", code, NULL);
    return findings_take(&findings);
}

void invite_take(struct request *request)
{
    struct invite *invite = arena_alloc(request_arena(request), sizeof *invite);
    request_locale(request); /* reads headers, which is possible only now */
    const char *fault = take_list(request);
    json_t *errors = fault ? file_finding(request, fault)
                           : form_read_body(request, &form, request_event(request), invite);
    invite->request = request;
    if (errors && request_is_desk(request))
        show(request, 422, errors);
    else if (errors)
        form_refuse(request, errors);
    else
        add(invite);
}
