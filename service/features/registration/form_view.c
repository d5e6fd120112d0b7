#include "features/registration/form_view.h"

#include <string.h>

#include "base/email.h"
#include "event/answers.h"
#include "event/draft.h"
#include "event/event.h"
#include "features/registration/registration.h"
#include "form/field_view.h"
#include "view/locale.h"

/* --- Ticket types ---------------------------------------------------------------------------- */

static int64_t places_left(const struct form_input *input, const struct ticket_type *type)
{
    return input->event_view->counts ? event_view_type_places_left(input->event_view, type) : -1;
}

static bool is_sold_out(const struct form_input *input, const struct ticket_type *type)
{
    return !event_ticket_type_exists(input->event_view->event, type) ||
           (!input->event_view->event->waiting_list && places_left(input, type) == 0);
}

/* The default choice: the first type with free places, or else one to wait for. Among those, types
 * that the access code opens come first. */
static size_t usual_type(const struct form_input *input)
{
    const struct event *event = input->event_view->event;
    size_t usual = event->ticket_type_count;
    int best = -1;
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const struct ticket_type *type = &event->ticket_types[i];
        int worth = 4 * !is_sold_out(input, type) + 2 * (places_left(input, type) != 0) +
                    (type->code != NULL);
        if (access_code_opens(type, input->event_view->code) && worth > best) {
            best = worth;
            usual = i;
        }
    }
    return usual;
}

static size_t chosen_type(const struct form_input *input, const json_t *typed)
{
    const struct event *event = input->event_view->event;
    const char *slug = json_string_value(typed);
    const struct ticket_type *type = slug ? event_ticket_type(event, slug) : NULL;
    if (type && access_code_opens(type, input->event_view->code))
        return (size_t)(type - event->ticket_types);
    return usual_type(input);
}

static json_t *option(struct arena *arena, const struct form_input *input, const char *name,
                      const struct ticket_type *type, bool chosen)
{
    const struct event *event = input->event_view->event;
    int64_t left = places_left(input, type);
    bool is_first = type == event->ticket_types;
    json_t *view =
        json_pack("{s:s, s:s, s:s, s:b, s:b, s:b, s:b}", "id",
                  is_first ? name : arena_printf(arena, "%s.%s", name, type->slug), "slug",
                  type->slug, "label", event_type_title(event, type->slug, input->locale, arena),
                  "chosen", chosen, "approval", event->approval || type->approval, "full",
                  left == 0 && event_ticket_type_exists(event, type), "sold_out",
                  /* A chosen type stays enabled: sign-up then explains the refusal. */
                  is_sold_out(input, type) && !chosen);
    if (!event_ticket_type_exists(event, type))
        json_object_set_new(view, "closed", json_true());
    if (left >= 0)
        json_object_set_new(view, "limited", json_pack("{s:I}", "places", (json_int_t)left));
    if (left > 0)
        json_object_set_new(view, "left", json_integer(left));
    return view;
}

static json_t *options(struct arena *arena, const struct form_input *input, const char *name,
                       size_t chosen)
{
    const struct event *event = input->event_view->event;
    json_t *list = json_array();
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const struct ticket_type *type = &event->ticket_types[i];
        if (access_code_opens(type, input->event_view->code))
            json_array_append_new(list, option(arena, input, name, type, i == chosen));
    }
    /* Links to the field lead to its first option. */
    if (json_array_size(list) > 0)
        json_object_set_new(json_array_get(list, 0), "id", json_string(name));
    return list;
}

/* Who applies a code sees at once what it opened. */
static bool focuses_types(const struct form_input *input, const char *prefix)
{
    return input->was_applied && input->event_view->code && strcmp(prefix, "attendees.0") == 0;
}

/* Adds "ticket_type" with its options, or "only" if there is one type. An option has left (free
 * places, if limited), full, sold_out (full without a waiting list), approval. Returns the index of
 * the chosen type. */
static size_t add_ticket_types(struct arena *arena, const struct form_input *input,
                               const char *prefix, const json_t *typed, json_t *attendee)
{
    const char *name = arena_printf(arena, "%s.ticket_type", prefix);
    size_t chosen = chosen_type(input, typed);
    json_t *list = options(arena, input, name, chosen);
    if (json_array_size(list) > 1) {
        bool cards = json_array_size(list) <= FORM_CARDS_MOST;
        bool is_focused = focuses_types(input, prefix);
        json_t *field = field_view_plain(input->errors, name, NULL), *option;
        size_t i;
        json_array_foreach (list, i, option)
            json_object_set_new(option, "is_focused",
                                json_boolean(is_focused && cards &&
                                             json_is_true(json_object_get(option, "chosen"))));
        field_view_describe(arena, field);
        json_object_set_new(field, cards ? "as_cards" : "as_select",
                            json_pack("{s:O, s:b}", "options", list, "is_focused", is_focused));
        json_object_set_new(attendee, "ticket_type", field);
    } else {
        json_object_set(attendee, "only", json_array_get(list, 0));
    }
    json_decref(list);
    return chosen;
}

/* Whether the event or a type has fewer free places than the form asks for. */
static bool has_to_wait(const struct form_input *input, const size_t *chosen, size_t count)
{
    const struct event_view *view = input->event_view;
    if (!view->counts || !view->event->waiting_list)
        return false;
    int64_t all = view->counts->places_left;
    bool waits = all >= 0 && (int64_t)count > all;
    for (size_t i = 0; i < count && !waits; i++) {
        int64_t wanted = 0, left;
        if (chosen[i] >= view->event->ticket_type_count)
            continue;
        left = event_view_type_places_left(view, &view->event->ticket_types[chosen[i]]);
        for (size_t j = 0; j < count; j++)
            wanted += chosen[j] == chosen[i];
        waits = left >= 0 && wanted > left;
    }
    return waits;
}

/* Of the form's people, those with the ticket type; NULL: all. */
static size_t count_of_type(const struct event *event, const struct ticket_type *type,
                            const size_t *chosen, size_t count)
{
    size_t wanted = 0;
    for (size_t i = 0; i < count; i++)
        wanted += !type || chosen[i] == (size_t)(type - event->ticket_types);
    return wanted;
}

/* Adds "short" if fewer people would get places at once: how many places are left for how many, and
 * how many more there are. `type` NULL: in the event. */
static bool add_short(const struct form_input *input, const struct ticket_type *type, int64_t left,
                      size_t wanted, json_t *view)
{
    if (left <= 0 || (int64_t)wanted <= left)
        return false;
    json_int_t more = (json_int_t)wanted - (json_int_t)left;
    json_t *shown = json_pack(
        "{s:I, s:I, s:I, s:o}", "places", (json_int_t)left, "people", (json_int_t)wanted, "more",
        more, "said", json_sprintf("%lld,%zu,%lld", (long long)left, wanted, (long long)more));
    if (type && input->event_view->event->ticket_type_count > 1)
        json_object_set_new(shown, "ticket_type",
                            json_string(event_text(input->event_view->event, &type->title,
                                                   locale_code(input->locale))));
    json_object_set_new(view, "short", shown);
    return true;
}

/* The limit that is shortest, because the next one would be told after the first. */
static void add_shortest(const struct form_input *input, const size_t *chosen, size_t count,
                         json_t *view)
{
    const struct event *event = input->event_view->event;
    if (add_short(input, NULL, input->event_view->counts->places_left, count, view))
        return;
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const struct ticket_type *type = &event->ticket_types[i];
        if (add_short(input, type, places_left(input, type),
                      count_of_type(event, type, chosen, count), view))
            return;
    }
}

/* Adds "outcome": one of register, wait and ask is true. `chosen` has the types of all people. */
static void add_outcome(const struct form_input *input, const size_t *chosen, size_t count,
                        json_t *view)
{
    const struct event *event = input->event_view->event;
    bool waits = has_to_wait(input, chosen, count), asks = event->approval;
    if (waits)
        add_shortest(input, chosen, count, view);
    for (size_t i = 0; i < count; i++)
        asks |= chosen[i] < event->ticket_type_count && event->ticket_types[chosen[i]].approval;
    json_object_set_new(view, "outcome",
                        json_pack("{s:b, s:b, s:b, s:b}", "wait", waits, "ask", !waits && asks,
                                  "register", !waits && !asks, "verify",
                                  event->verify_email && !input->is_invited));
}

/* --- The form --------------------------------------------------------------------------------- */

static json_t *described_field(struct arena *arena, const struct form_input *input,
                               const char *name, json_t *typed)
{
    json_t *field = field_view_plain(input->errors, name, typed);
    field_view_describe(arena, field);
    return field;
}

static json_t *email_view(struct arena *arena, const struct form_input *input, const char *name,
                          json_t *typed, bool has_hint)
{
    json_t *field = field_view_email(arena, input->kept_emails, input->errors, name, typed);
    if (has_hint)
        json_object_set_new(field, "hint", json_true());
    field_view_describe(arena, field);
    return field;
}

static json_t *attendee_view(struct arena *arena, const struct form_input *input, size_t index,
                             json_t *typed, size_t *ret_chosen)
{
    const char *prefix = arena_printf(arena, "attendees.%zu", index);
    const struct question_form form = {
        .event = input->event_view->event,
        .errors = input->errors,
        .kept_emails = input->kept_emails,
        .locale = input->locale,
        .is_self = index == 0,
    };
    json_t *view = json_pack("{s:s, s:I, s:I, s:b}", "id", prefix, "index", (json_int_t)index,
                             "number", (json_int_t)index + 1, "first", index == 0);
    json_object_set_new(view, "name",
                        described_field(arena, input, arena_printf(arena, "%s.name", prefix),
                                        json_object_get(typed, "name")));
    if (index == 0)
        json_object_set_new(
            view, "own_email",
            email_view(arena, input, "email", json_object_get(input->typed, "email"), true));
    else
        json_object_set_new(view, "their_email",
                            email_view(arena, input, arena_printf(arena, "%s.email", prefix),
                                       json_object_get(typed, "email"), false));
    *ret_chosen =
        add_ticket_types(arena, input, prefix, json_object_get(typed, "ticket_type"), view);
    json_object_set_new(view, "questions",
                        question_views(arena, &form, arena_printf(arena, "%s.answers", prefix),
                                       json_object_get(typed, "answers")));
    return view;
}

static void add_attendees(struct arena *arena, const struct form_input *input, json_t *view)
{
    json_t *typed = json_object_get(input->typed, "attendees"), *views = json_array();
    const struct event *event = input->event_view->event;
    size_t count = json_array_size(typed), most = (size_t)event->most_attendees;
    count = count < 1 ? 1 : count < most ? count : most;
    if (event->capacity > 0 && event->capacity < event->most_attendees)
        most = (size_t)event->capacity;
    size_t *chosen = arena_alloc(arena, count * sizeof *chosen);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(views,
                              attendee_view(arena, input, i, json_array_get(typed, i), &chosen[i]));
    json_object_set_new(view, "attendees", views);
    json_object_set_new(view, "several", json_boolean(count > 1));
    json_object_set_new(view, "next", json_integer((json_int_t)count));
    if (count < most)
        json_object_set_new(view, "can_add", json_integer((json_int_t)(most - count)));
    else if (most > 1)
        json_object_set_new(view, "all_added", json_integer((json_int_t)most));
    add_outcome(input, chosen, count, view);
}

static json_t *consents_view(struct arena *arena, const struct form_input *input)
{
    const struct event *event = input->event_view->event;
    bool was_wrong = field_view_error(input->errors, "consents") != NULL;
    json_t *typed = json_object_get(input->typed, "consents"), *views = json_array();
    for (size_t i = 0; i < event->consent_count; i++) {
        const struct consent *consent = &event->consents[i];
        int64_t shown = draft_shown_version(input->typed, consent->slug);
        bool chosen = field_view_chosen(typed, consent->slug);
        bool is_outdated = chosen && shown != 0 && shown != consent->version;
        bool checked = chosen && !is_outdated;
        json_array_append_new(views, json_pack("{s:s, s:s, s:i, s:b, s:b, s:b, s:b}", "id",
                                               arena_printf(arena, "consents.%s", consent->slug),
                                               "slug", consent->slug, "version", consent->version,
                                               "required", consent->required, "checked", checked,
                                               "outdated", is_outdated, "missing",
                                               was_wrong && consent->required && !chosen));
        json_object_set_new(
            json_array_get(views, i), "label",
            json_string(event_text(event, &consent->label, locale_code(input->locale))));
    }
    return views;
}

/* The field of the next missing or outdated consent. The errors come in the order of the consents.
 */
static const char *next_missing(const json_t *consents, size_t *at)
{
    for (; *at < json_array_size(consents); ++*at) {
        json_t *consent = json_array_get(consents, *at);
        if (json_is_true(json_object_get(consent, "missing")) ||
            json_is_true(json_object_get(consent, "outdated"))) {
            ++*at;
            return json_string_value(json_object_get(consent, "id"));
        }
    }
    return "consents";
}

static void add_problems(struct arena *arena, const struct form_input *input, json_t *view)
{
    bool several = json_is_true(json_object_get(view, "several"));
    json_t *problems = field_view_problems(arena, input->errors, several), *problem;
    size_t i, consent = 0;
    json_array_foreach (problems, i, problem) {
        if (strcmp(json_string_value(json_object_get(problem, "field")), "consents") == 0)
            json_object_set_new(
                problem, "field",
                json_string(next_missing(json_object_get(view, "consents"), &consent)));
    }
    json_object_set_new(view, "has_problems", json_boolean(json_array_size(problems) > 0));
    json_object_set_new(view, "problems", problems);
}

/* "is_open": the page unfolds the field, because a code was given. "is_focused": nothing else is
 * wrong, or the code opened no choice. */
static json_t *code_view(struct arena *arena, const struct form_input *input, const json_t *first)
{
    const char *right = input->event_view->code;
    json_t *given = json_string(input->given_code ? input->given_code : "");
    json_t *field = field_view_plain(input->errors, "code", given);
    bool is_wrong = json_object_get(field, "error") && json_array_size(input->errors) == 1;
    bool opened_nothing =
        input->was_applied && !input->errors && !json_object_get(first, "ticket_type");
    json_object_set_new(field, "is_focused", json_boolean(is_wrong || opened_nothing));
    json_object_set_new(field, "hint", json_true());
    json_object_set_new(field, "is_open", json_boolean(json_string_length(given) > 0));
    json_object_set_new(field, "accepted", json_boolean(right != NULL));
    json_object_set_new(field, "offered_for", json_string(right ? right : ""));
    field_view_describe(arena, field);
    json_decref(given);
    return field;
}

json_t *form_view_frame(struct arena *arena, const struct event *event, const char *language)
{
    size_t day = strlen("2022-05-13"), minute = strlen("10:00");
    json_t *view = json_object();
    json_object_set_new(
        view, "event",
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s?}", "slug", event->slug, "title",
                  event_text(event, &event->title, language), "starts_at", event->starts_at,
                  "ends_at", event->ends_at, "starts_clock",
                  arena_copy_bytes(arena, event->starts_at + day + 1, minute), "ends_clock",
                  arena_copy_bytes(arena, event->ends_at + day + 1, minute), "one_day",
                  strncmp(event->starts_at, event->ends_at, day) == 0, "venue", event->venue_name));
    json_object_set_new(view, "organiser", json_pack("{s:s}", "name", event->organiser_name));
    return view;
}

json_t *form_view(struct arena *arena, const struct form_input *input)
{
    const struct event_view *event_view = input->event_view;
    json_t *view = form_view_frame(arena, event_view->event, locale_code(input->locale));
    json_object_set_new(view, "idempotency_key", json_string(input->idempotency_key));
    json_object_set_new(view, "language", json_string(locale_code(input->locale)));
    add_attendees(arena, input, view);
    if (event_view_has_codes(event_view))
        json_object_set_new(
            view, "code",
            code_view(arena, input, json_array_get(json_object_get(view, "attendees"), 0)));
    json_object_set_new(view, "waiting_list", json_boolean(event_view->event->waiting_list));
    int64_t left = event_view->counts ? event_view->counts->places_left : -1;
    if (left >= 0)
        json_object_set_new(view, "limited", json_pack("{s:I}", "places", (json_int_t)left));
    json_t *consents = consents_view(arena, input);
    json_object_set_new(view, "has_consents", json_boolean(json_array_size(consents) > 0));
    json_object_set_new(view, "consents", consents);
    const char *consents_error = field_view_error(input->errors, "consents");
    if (consents_error)
        json_object_set_new(view, "consents_error", json_string(consents_error));
    add_problems(arena, input, view);
    return view;
}
