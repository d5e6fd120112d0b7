#include "features/registration/person_act.h"

#include <string.h>

#include "event/event.h"
#include "event/events.h"
#include "features/registration/act.h"
#include "features/registration/manage_page.h"
#include "features/registration/person.h"
#include "features/registration/person_form.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "security/secret.h"
#include "statements.h"
#include "view/locale.h"

struct action {
    const char *name;                 /* in the path */
    const char *done;                 /* the word person.done.DONE; with "_" */
    const char *act;                  /* of act_on(); NULL: see `run` */
    bool is_of_attendee;              /* and not of the whole registration */
    void (*ask)(struct visit *visit); /* NULL: its form is on the person's page */
    void (*run)(struct visit *visit); /* by the desk only */
    bool is_in_api;
};

static void ask(struct visit *visit);
static void run(struct visit *visit);
static void add_note(struct visit *visit);

static const struct action actions[] = {
    {"approve", "approve", "approve", false, ask, run, true},
    {"decline", "decline", "decline", false, ask, run, true},
    {"cancel", "cancel", "cancel_attendee", true, ask, run, true},
    {"cancel-all", "cancel_all", "cancel", false, ask, run, true},
    {"resend", "resend", "resend", true, ask, run, true},
    {"move-up", "move_up", "move_up", false, ask, run, true},
    {"ticket-type", "ticket_type", "ticket_type", true, ask, run, true},
    {"erase", "erase", "erase", false, ask, run, true},
    {"note", "note", NULL, true, NULL, add_note, true},
    {"correct", "correct", NULL, true, person_form_ask_correction, person_form_correct, false},
    {"hand-on", "hand_on", NULL, true, person_form_ask_hand_on, person_form_hand_on, false},
};

static const struct action *find_action(const struct request *request)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(actions[i].name, request_path(request, "action")) == 0)
            return &actions[i];
    }
    return NULL;
}

/* --- Asking ---------------------------------------------------------------------------------- */

static json_t *types_view(const struct visit *visit, const char *chosen)
{
    struct request *request = visit->request;
    const struct event *event = request_event(request);
    const char *now = json_string_value(json_object_get(visit->person, "ticket_type"));
    json_t *types = json_array();
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const char *slug = event->ticket_types[i].slug;
        if (strcmp(slug, now) != 0)
            json_array_append_new(types,
                                  json_pack("{s:s, s:s, s:b}", "slug", slug, "title",
                                            event_type_title(event, slug, request_locale(request),
                                                             request_arena(request)),
                                            "chosen", chosen && strcmp(chosen, slug) == 0));
    }
    return types;
}

static void ask(struct visit *visit)
{
    struct request *request = visit->request;
    const struct action *action = find_action(request);
    json_t *view = person_form_view(visit, action->done), *typed = request_body(request);
    bool moves_up = strcmp(action->done, "move_up") == 0;
    bool has_type = strcmp(action->done, "ticket_type") == 0;
    json_object_set_new(
        view, "reason",
        field_view_plain(visit->errors, "reason", json_object_get(typed, "reason")));
    json_object_set_new(view, "asks_reason", json_boolean(moves_up || has_type));
    if (has_type) {
        json_object_set_new(
            view, "types",
            types_view(visit, json_string_value(json_object_get(typed, "ticket_type"))));
        json_object_set_new(view, "type_error",
                            json_string(field_view_error(visit->errors, "ticket_type")));
    }
    json_object_set_new(view, "confirm_error",
                        json_string(field_view_error(visit->errors, "confirm")));
    person_form_reply(visit, "features/registration/person_ask.html", view);
}

void person_act_ask(struct request *request)
{
    const struct action *action = find_action(request);
    if (action && action->ask)
        person_look(request, action->ask);
    else
        reply_refuse(request, 404, "not_found");
}

/* --- Doing ----------------------------------------------------------------------------------- */

static void on_changed(struct errand *errand)
{
    struct visit *visit = (struct visit *)errand;
    person_form_done(visit, find_action(visit->request)->done);
}

static void on_refused(struct errand *errand, int status, const char *code, json_t *errors)
{
    const struct action *action = find_action(errand->request);
    person_form_refuse((struct visit *)errand, action->ask ? action->ask : person_show_page, status,
                       code, errors);
}

/* What the words of act.c do not check. A new reference; NULL: nothing is wrong. */
static json_t *find_flaws(struct visit *visit, const struct action *action,
                          const struct act_said *said)
{
    struct request *request = visit->request;
    struct findings findings;
    findings_init(&findings, request_locale(request));
    const struct form_reading reading = {.arena = request_arena(request), .findings = &findings};
    const struct form_place body = form_whole(&reading, request_body(request));
    bool is_known =
        said->ticket_type && event_ticket_type(request_event(request), said->ticket_type);
    bool found = false;
    if (strcmp(action->done, "ticket_type") == 0 && !is_known) {
        form_refuse_at(&body, "ticket_type",
                       said->ticket_type ? "unknown_ticket_type" : "ticket_type_needed", NULL);
        found = true;
    }
    if (strcmp(action->done, "erase") == 0 && request_is_page(request) && !said->confirm) {
        form_refuse_at(&body, "confirm", "confirm_erasure", NULL);
        found = true;
    }
    if (found)
        return findings_take(&findings);
    findings_finish(&findings);
    return NULL;
}

static void run(struct visit *visit)
{
    struct errand *errand = &visit->errand;
    const struct action *action = find_action(visit->request);
    struct act_said said;
    json_t *errors = act_read(visit->request, &said);
    if (!errors)
        errors = find_flaws(visit, action, &said);
    if (errors)
        errand_reply_invalid(errand, errors);
    else
        act_run(errand, action->act, action->is_of_attendee ? &visit->attendee_id : NULL, &said);
}

struct note {
    const char *text;
};

static bool has_key(const void *request)
{
    return request_body_is_form(request);
}

static const struct form_field note_fields[] = {
    {"text", KIND_LONG_TEXT, FORM_AT(struct note, text), FORM_NEEDED, "note_needed",
     .most = NOTE_MOST},
    {"idempotency_key", .shown = has_key},
};
static const struct form note_form = FORM(struct note, note_fields);

static void add_note(struct visit *visit)
{
    struct request *request = visit->request;
    const char *key = request_idempotency_key(request);
    struct note note = {0};
    struct id note_id;
    json_t *errors = form_read_body(request, &note_form, request, &note);
    if (errors) {
        errand_reply_invalid(&visit->errand, errors);
        return;
    }
    if (key)
        secret_id_for_key(&visit->attendee_id, key, &note_id);
    else
        id_make(&note_id);
    errand_change(&visit->errand,
                  registration_note_params(
                      &(struct registration_note){.event_id = &request_event(request)->id,
                                                  .attendee_id = &visit->attendee_id,
                                                  .note_id = &note_id,
                                                  .text = note.text,
                                                  .actor = request_caller(request)->label}),
                  registration_note_outcome);
}

static void begin(struct visit *visit)
{
    json_t *body = request_body(visit->request);
    const char *seen = json_string_value(json_object_get(body, "seen"));
    if (request_is_page(visit->request) && seen) {
        visit->seen = arena_copy(request_arena(visit->request), seen);
        json_object_del(body, "seen");
    }
    json_decref(visit->person); /* was only needed for the registration's id */
    visit->person = NULL;
    visit->errand.on_changed = on_changed;
    if (request_is_page(visit->request))
        visit->errand.on_refused = on_refused;
    find_action(visit->request)->run(visit);
}

void person_act_handle(struct request *request)
{
    const struct action *action = find_action(request);
    if (action && (action->is_in_api || request_is_page(request)))
        person_look(request, begin);
    else
        reply_refuse(request, 404, "not_found");
}
