#include "features/registration/person.h"

#include <string.h>

#include "event/answer_text.h"
#include "event/event.h"
#include "event/explanation.h"
#include "event/history.h"
#include "event/links.h"
#include "features/registration/act.h"
#include "features/registration/manage_page.h"
#include "form/field_view.h"
#include "http/desk.h"
#include "http/reply.h"
#include "statements.h"
#include "view/escape.h"
#include "view/locale.h"

/* --- Loading --------------------------------------------------------------------------------- */

static void on_found(void *context, const struct db_result *result)
{
    struct visit *visit = context;
    if (result->outcome != DB_DONE) {
        reply_failed(visit->request, result);
        return;
    }
    if (rows_count(result->rows) == 0) {
        reply_refuse(visit->request, 404, "not_found");
        return;
    }
    visit->errand.registration_id = rows_id(result->rows, 0, "registration_id");
    visit->person = json_loads(rows_text(result->rows, 0, "data"), 0, NULL);
    if (visit->person)
        visit->then(visit);
    else
        reply_refuse(visit->request, 500, "internal");
}

void person_look_again(struct visit *visit, void (*then)(struct visit *visit))
{
    struct request *request = visit->request;
    json_decref(visit->person);
    visit->person = NULL;
    visit->then = then;
    db_ask(request_worker(request)->db,
           registration_person_params(
               &(struct registration_person){.event_id = &request_event(request)->id,
                                             .attendee_id = &visit->attendee_id,
                                             .language = locale_code(request_locale(request)),
                                             .is_local = request_is_page(request)}),
           on_found, visit);
}

void person_look(struct request *request, void (*then)(struct visit *visit))
{
    struct visit *visit = arena_alloc(request_arena(request), sizeof *visit);
    visit->request = visit->errand.request = request;
    if (id_parse(request_path(request, "attendee"), &visit->attendee_id))
        person_look_again(visit, then);
    else
        reply_refuse(request, 404, "not_found");
}

/* --- Words ----------------------------------------------------------------------------------- */

static const char *path_of(struct request *request, const char *attendee, const char *below)
{
    return arena_printf(request_arena(request), "/desk/events/%s/attendees/%s%s",
                        request_event(request)->slug, attendee, below);
}

const char *person_path(const struct visit *visit, const char *below)
{
    return path_of(visit->request, request_path(visit->request, "attendee"), below);
}

static json_t *word(struct request *request, const char *key, const json_t *data)
{
    struct buffer text;
    if (!locale_has(request_locale(request), key))
        return NULL;
    buffer_init(&text);
    locale_text(request_locale(request), key, data, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

json_t *person_word(struct request *request, const char *key, const json_t *data)
{
    return word(request, arena_printf(request_arena(request), "person.%s", key), data);
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* The word GROUP.VALUE of the member; NULL: there is none. A new reference. */
static json_t *say(struct request *request, const json_t *object, const char *name,
                   const char *group)
{
    const char *value = text_of(object, name);
    return value ? word(request, arena_printf(request_arena(request), "%s%s", group, value), NULL)
                 : NULL;
}

/* Sets NAME_text to it. */
static void say_member(struct request *request, json_t *object, const char *name, const char *group)
{
    json_object_set_new(object, arena_printf(request_arena(request), "%s_text", name),
                        say(request, object, name, group));
}

static void link_person(struct request *request, json_t *person)
{
    if (json_is_object(person))
        json_object_set_new(
            person, "href",
            json_string(desk_from(request, path_of(request, text_of(person, "id"), ""))));
    say_member(request, person, "status", "person.status.");
}

static void link_people(struct request *request, json_t *people)
{
    size_t i;
    json_t *person;
    json_array_foreach (people, i, person)
        link_person(request, person);
}

static enum registration_status status_of(const json_t *person)
{
    return registration_status_parse(text_of(person, "status"));
}

/* The colour of the status: NULL is none. */
static const char *look_of(enum registration_status status)
{
    switch (status) {
    case REGISTRATION_STATUS_CONFIRMED:
        return "go";
    case REGISTRATION_STATUS_UNVERIFIED:
    case REGISTRATION_STATUS_PENDING:
    case REGISTRATION_STATUS_WAITLISTED:
        return "look";
    case REGISTRATION_STATUS_CANCELLED:
        return "stop";
    case REGISTRATION_STATUS_NONE:
        break;
    }
    return NULL;
}

/* One word for what has become of the attendee. */
static const char *state_of(const json_t *person)
{
    bool is_gone = status_of(person) == REGISTRATION_STATUS_CANCELLED;
    const json_t *registration = json_object_get(person, "registration");
    if (is_gone && json_is_object(json_object_get(person, "handed_on_to")))
        return "handed_on";
    if (is_gone && json_is_true(json_object_get(registration, "declined")))
        return "declined";
    return text_of(person, "status");
}

static void say_type(struct request *request, json_t *person)
{
    json_object_set_new(
        person, "ticket_type_title",
        json_string(event_type_title(request_event(request), text_of(person, "ticket_type"),
                                     request_locale(request), request_arena(request))));
}

static void say_number(json_t *person)
{
    struct id id;
    char number[ID_NUMBER_BYTES];
    if (!id_parse(text_of(person, "id"), &id))
        return;
    id_number(&id, number);
    json_object_set_new(person, "ticket_number", json_string(number));
}

static void say_tickets(struct visit *visit)
{
    struct request *request = visit->request;
    const struct event *event = request_event(request);
    bool is_good = status_of(visit->person) == REGISTRATION_STATUS_CONFIRMED && !event->cancelled;
    bool is_used = json_is_string(json_object_get(visit->person, "first_admitted_at"));
    size_t i;
    json_t *ticket;
    json_array_foreach (json_object_get(visit->person, "tickets"), i, ticket) {
        bool is_replaced = json_is_string(json_object_get(ticket, "replaced_at"));
        const char *state = is_replaced ? "replaced"
                            : !is_good  ? "cancelled"
                            : is_used   ? "used"
                                        : "valid";
        struct id id;
        json_object_set_new(ticket, "state", json_string(state));
        say_member(request, ticket, "state", "person.ticket.");
        if (!is_replaced && is_good && act_is_by_editor(request) &&
            id_parse(text_of(ticket, "id"), &id)) {
            int64_t expires_at_us =
                json_integer_value(json_object_get(ticket, "expires")) * 1000000;
            json_object_set_new(ticket, "ticket_url",
                                json_string(link_ticket(request_worker(request), event, &id,
                                                        expires_at_us, request_arena(request))
                                                .url));
        }
        json_object_del(ticket, "expires");
    }
}

/* What a mail server said, in plain words. A new reference; NULL: there is nothing to say. */
static json_t *explain(struct request *request, const json_t *message)
{
    const struct explained explained = {
        .state = message_state_parse(text_of(message, "state")),
        .code = (int)json_integer_value(json_object_get(message, "code")),
        .words = text_of(message, "words") ? text_of(message, "words") : "",
        .has_server = *request_worker(request)->config->smtp != '\0',
    };
    const char *key = explanation_key(&explained);
    return key ? word(request, arena_printf(request_arena(request), "message.explain.%s", key),
                      NULL)
               : NULL;
}

static void say_messages(struct visit *visit)
{
    struct request *request = visit->request;
    struct arena *arena = request_arena(request);
    const char *registration = text_of(json_object_get(visit->person, "registration"), "id");
    size_t i;
    json_t *message;
    json_array_foreach (json_object_get(visit->person, "messages"), i, message) {
        json_object_set_new(
            message, "about",
            word(request, arena_printf(arena, "message.%s.headline", text_of(message, "kind")),
                 NULL));
        say_member(request, message, "state", "message.state_");
        json_object_set_new(message, "explained", explain(request, message));
        if (act_is_by_editor(request))
            json_object_set_new(message, "href",
                                json_string(arena_printf(arena, "/desk/events/%s/messages/%s/%s",
                                                         request_event(request)->slug, registration,
                                                         text_of(message, "id"))));
    }
}

/* The newest mail to an address, if it failed or came back. Messages are the newest first. */
static void say_unreached(struct visit *visit)
{
    json_t *messages = json_object_get(visit->person, "messages"), *message;
    json_t *reached = json_object();
    size_t i;
    json_array_foreach (messages, i, message) {
        enum message_state state = message_state_parse(text_of(message, "state"));
        const char *to = text_of(message, "to");
        if (!to || json_object_get(reached, to))
            continue;
        if (state == MESSAGE_STATE_FAILED || state == MESSAGE_STATE_BOUNCED) {
            json_object_set(visit->person, "unreached", message);
            break;
        }
        if (state == MESSAGE_STATE_SENT)
            json_object_set_new(reached, to, json_true());
    }
    json_decref(reached);
}

static void say_scans(struct visit *visit)
{
    struct request *request = visit->request;
    const struct event *event = request_event(request);
    size_t i;
    json_t *scan;
    json_array_foreach (json_object_get(visit->person, "scans"), i, scan) {
        const struct door *door = event_door(event, text_of(scan, "door"));
        say_member(request, scan, "verdict", "person.verdict.");
        json_object_set_new(
            scan, "door_title",
            json_string(door ? event_text(event, &door->title, locale_code(request_locale(request)))
                             : text_of(scan, "door")));
    }
}

static void say_history(struct visit *visit)
{
    const struct locale *locale = request_locale(visit->request);
    size_t i;
    json_t *entry;
    json_array_foreach (json_object_get(visit->person, "history"), i, entry)
        history_say(entry, locale);
    json_array_foreach (json_object_get(visit->person, "notes"), i, entry)
        history_say(entry, locale); /* a note is like an entry: who wrote it */
}

/* What the registration that waits is short of, in words. */
static void say_waiting(struct visit *visit)
{
    struct request *request = visit->request;
    json_t *waiting = json_object_get(visit->person, "waiting"), *slug, *short_of = json_array();
    size_t i;
    json_array_foreach (json_object_get(waiting, "short_of"), i, slug) {
        const char *type = json_string_value(slug);
        const char *title = *type
                                ? event_type_title(request_event(request), type,
                                                   request_locale(request), request_arena(request))
                                : NULL;
        json_array_append_new(short_of, json_pack("{s:s?}", "ticket_type_title", title));
    }
    if (json_is_object(waiting)) {
        json_object_set_new(waiting, "fits", json_boolean(json_array_size(short_of) == 0));
        json_object_set(waiting, "short", short_of);
    }
    json_decref(short_of);
}

/* --- What can be done ------------------------------------------------------------------------ */

static void allow(json_t *may, const char *action, bool is_possible)
{
    if (is_possible)
        json_object_set_new(may, action, json_true());
}

static json_t *find_possible(const struct visit *visit)
{
    const json_t *person = visit->person, *registration = json_object_get(person, "registration");
    enum registration_status status = status_of(person);
    unsigned role = request_role(visit->request);
    bool is_erased = json_is_string(json_object_get(registration, "erased_at"));
    bool is_held = status != REGISTRATION_STATUS_CANCELLED && !is_erased;
    bool came = json_is_string(json_object_get(person, "first_admitted_at"));
    bool is_confirmed = status == REGISTRATION_STATUS_CONFIRMED;
    json_t *may = json_object();
    if (role & WHO_EDITORS && !is_erased) {
        allow(may, "correct", is_held);
        allow(may, "resend", is_held);
        allow(may, "hand_on", is_confirmed && !came);
        allow(may, "approve",
              status == REGISTRATION_STATUS_PENDING || status == REGISTRATION_STATUS_UNVERIFIED);
        allow(may, "decline", status == REGISTRATION_STATUS_PENDING);
        allow(may, "cancel", is_held && !came);
        allow(may, "cancel_all",
              is_held && !came && json_array_size(json_object_get(person, "others")) > 0);
        allow(may, "move_up", status == REGISTRATION_STATUS_WAITLISTED);
        allow(may, "ticket_type", is_held && request_event(visit->request)->ticket_type_count > 1);
        allow(may, "note", true);
        allow(may, "erase", true);
    }
    allow(may, "check_in",
          role & WHO_ADMITTERS && is_held && !json_is_true(json_object_get(person, "inside")) &&
              request_event(visit->request)->door_count > 0);
    return may;
}

/* --- The view -------------------------------------------------------------------------------- */

/* Somebody at the door sees what the door needs. */
static void leave_out_for_door(json_t *person)
{
    static const char *const hidden[] = {
        "email",           "answers",      "consents",   "messages", "notes",         "history",
        "declined_before", "same_address", "companions", "tickets",  "registered_by", "others",
        "handed_on_to",    "handed_on_by", "unreached",  "invited"};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        json_object_del(person, hidden[i]);
    json_object_del(json_object_get(person, "registration"), "email");
}

static void say_answers(struct visit *visit)
{
    struct request *request = visit->request;
    const json_t *answers = json_object_get(visit->person, "answers");
    bool is_at_door = request_role(request) == WHO_DOOR;
    char *text = json_dumps(answers, JSON_COMPACT | ESCAPE_REALS);
    json_object_set_new(
        visit->person, "said",
        is_at_door ? event_door_answers(request_event(request), text, request_locale(request))
                   : event_all_answers(request_event(request), answers, request_locale(request)));
    free(text);
}

static void say_all(struct visit *visit)
{
    struct request *request = visit->request;
    json_t *person = visit->person, *registration = json_object_get(person, "registration");
    static const char *const lists[] = {"others", "companions", "declined_before", "same_address"};
    static const char *const ones[] = {"handed_on_to", "handed_on_by", "registered_by"};
    json_object_set_new(person, "state", json_string(state_of(person)));
    say_member(request, person, "state", "person.status.");
    json_object_set_new(person, "state_look", json_string(look_of(status_of(person))));
    say_type(request, person);
    say_number(person);
    say_answers(visit);
    say_tickets(visit);
    say_messages(visit);
    say_unreached(visit);
    say_scans(visit);
    say_history(visit);
    say_waiting(visit);
    json_t *invited = json_object_get(person, "invited");
    if (json_is_object(invited))
        json_object_set_new(
            invited, "href",
            json_string(arena_printf(request_arena(request), "/desk/events/%s/invitations/%s",
                                     request_event(request)->slug,
                                     json_string_value(json_object_get(invited, "id")))));
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        link_people(request, json_object_get(person, lists[i]));
    for (size_t i = 0; i < sizeof ones / sizeof *ones; i++)
        link_person(request, json_object_get(person, ones[i]));
    const struct locale *locale =
        locale_find(request_worker(request)->locales, text_of(registration, "language"));
    json_object_set_new(
        registration, "language_name",
        json_string(locale ? locale_name(locale) : text_of(registration, "language")));
    if (request_role(request) == WHO_DOOR)
        leave_out_for_door(person);
}

void person_reply(struct visit *visit, int status, const char *template, json_t *more)
{
    struct request *request = visit->request;
    json_t *person = visit->person;
    say_all(visit);
    json_object_set_new(person, "may", find_possible(visit));
    json_object_set_new(person, "may_read", json_boolean(request_role(request) & WHO_READERS));
    json_object_set_new(person, "self", json_string(person_path(visit, "")));
    json_object_set_new(person, "from", json_string(desk_from(request, "")));
    json_object_set_new(
        person, "people",
        json_string(
            desk_back(request, arena_printf(request_arena(request), "/desk/events/%s/attendees",
                                            request_event(request)->slug))));
    json_object_update_new(person, more ? more : json_object());
    visit->person = NULL;
    reply_page(request, status, template, person);
}

static json_t *doors_json(struct request *request)
{
    const struct event *event = request_event(request);
    const char *chosen = request_query(request, "door");
    json_t *doors = json_array();
    for (size_t i = 0; i < event->door_count; i++)
        json_array_append_new(
            doors, json_pack("{s:s, s:s, s:b}", "slug", event->doors[i].slug, "title",
                             event_text(event, &event->doors[i].title,
                                        locale_code(request_locale(request))),
                             "chosen", chosen && strcmp(chosen, event->doors[i].slug) == 0));
    return doors;
}

/* Why a check-in by hand was refused, and the reason that was typed; null: it was not. */
static json_t *refused_view(struct request *request)
{
    json_t *refused = json_pack("{s:s?, s:s?}", "why", request_query(request, "refused"), "reason",
                                request_query(request, "reason"));
    json_t *verdict = say(request, refused, "why", "person.verdict."),
           *flaw = say(request, refused, "why", "person.refused.");
    if (verdict)
        json_object_set(refused, "verdict_text", verdict);
    if (flaw)
        json_object_set(refused, "flaw_text", flaw);
    if (!verdict && !flaw) {
        json_decref(refused);
        refused = json_null();
    }
    json_decref(verdict);
    json_decref(flaw);
    return refused;
}

void person_show_page(struct visit *visit)
{
    struct request *request = visit->request;
    const json_t *typed = visit->refusal ? request_body(request) : NULL;
    const json_t *key = json_object_get(typed, "idempotency_key");
    json_t *problems = field_view_problems(request_arena(request), visit->errors, false);
    json_t *view =
        json_pack("{s:o, s:o, s:o, s:o, s:b, s:o}", "doors", doors_json(request), "idempotency_key",
                  json_is_string(key) ? json_string(json_string_value(key)) : manage_page_new_key(),
                  "refused", refused_view(request), "new_note",
                  field_view_plain(visit->errors, "text", json_object_get(typed, "text")),
                  "has_problems", json_array_size(problems) > 0, "problems", problems);
    if (visit->refusal)
        json_object_set_new(view, "refusal", manage_page_refusal(&visit->errand, visit->refusal));
    json_decref(visit->errors);
    person_reply(visit, visit->status ? visit->status : 200, "features/registration/person.html",
                 view);
}

static void show(struct visit *visit)
{
    struct request *request = visit->request;
    if (request_is_page(request)) {
        person_show_page(visit);
        return;
    }
    say_tickets(visit);
    if (request_role(request) == WHO_DOOR)
        leave_out_for_door(visit->person);
    reply_view(request, 200, visit->person);
}

void person_show(struct request *request)
{
    person_look(request, show);
}
