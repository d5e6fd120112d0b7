#include "event/draft.h"

#include <limits.h>

#include "base/clock.h"
#include "base/search.h"
#include "base/text.h"
#include "event/answers.h"
#include "form/form.h"
#include "view/escape.h"

/* The context of reading a draft. */
struct drafting {
    const struct draft_input *input;
    const struct event *event;
    struct draft *draft;
};

static const struct drafting *drafting_of(const struct form_place *place)
{
    return place->reading->context;
}

/* --- Language, code, consents ---------------------------------------------------------------- */

static void read_language(const struct form_place *place, const struct form_field *field,
                          void *values)
{
    const struct drafting *all = drafting_of(place);
    const char *language = json_string_value(place->value), *preferred = all->input->language;
    struct draft *draft = values;
    (void)field;
    if (!form_is_given(place))
        language = event_has_language(all->event, preferred) ? preferred : all->event->languages[0];
    else if (!language || !event_has_language(all->event, language))
        form_refuse_here(place, "language_not_spoken", NULL);
    draft->language = arena_copy(place->reading->arena, language);
}

const char *draft_read_code(struct arena *arena, const json_t *given)
{
    const char *typed = json_string_value(given);
    return typed ? text_clean(arena, typed) : NULL;
}

static void read_code(const struct form_place *place, const struct form_field *field, void *values)
{
    const struct event *event = drafting_of(place)->event;
    struct draft *draft = values;
    (void)field;
    draft->code = draft_read_code(place->reading->arena, place->value);
    if (!form_is_given(place)) {
        draft->code = drafting_of(place)->input->invited_code;
        return;
    }
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const struct ticket_type *type = &event->ticket_types[i];
        if (type->code && access_code_opens(type, draft->code))
            return;
    }
    form_refuse_here(place, "wrong_code", NULL);
}

/* What somebody says about one consent. version 0: they do not say which one they saw. */
struct said_consent {
    const char *slug;
    int64_t version;
};

static const struct form_field said_fields[] = {
    {"consent", KIND_TEXT, FORM_AT(struct said_consent, slug), .need = FORM_NEEDED},
    {"version", KIND_INTEGER, FORM_AT(struct said_consent, version), .need = FORM_NEEDED,
     .least = 1, .most = INT_MAX},
};
static const struct form said_form = FORM(struct said_consent, said_fields);

/* The key has letters, because the name of a form's field makes a list of a number. */
int64_t draft_shown_version(const json_t *body, const char *slug)
{
    char key[sizeof "shown-" + EVENT_SLUG_MOST];
    snprintf(key, sizeof key, "shown-%s", slug);
    const char *version =
        json_string_value(json_object_get(json_object_get(body, "consent_versions"), key));
    return version ? strtoll(version, NULL, 10) : 0;
}

/* Reads "privacy" or {"consent": "privacy", "version": 1}. A form has the versions that it showed
 * beside the boxes. False: a finding, or a box of a form whose consent is no longer asked for. */
static bool read_said(const struct form_place *item, struct said_consent *ret_said)
{
    const struct event *event = drafting_of(item)->event;
    const struct form_place *list = item->above;
    const char *slug = json_string_value(item->value);
    if (json_is_object(item->value) && !form_read_object(item, &said_form, ret_said))
        return false;
    if (slug)
        ret_said->slug = slug;
    if (slug && item->reading->is_typed)
        ret_said->version = draft_shown_version(list->above->value, slug);
    if (ret_said->slug && event_consent(event, ret_said->slug))
        return true;
    if (ret_said->version == 0 || !item->reading->is_typed)
        form_refuse_here(json_is_array(list->value) ? item : list, "unknown_consent", NULL);
    return false;
}

static const struct said_consent *find_said(const struct said_consent *said, size_t count,
                                            const char *slug)
{
    for (size_t i = 0; i < count; i++) {
        if (said[i].slug && strcmp(said[i].slug, slug) == 0)
            return &said[i];
    }
    return NULL;
}

static bool needs_consent(const struct draft_input *input, const struct consent *consent)
{
    return !input->may_leave_out && (input->at_door ? consent->needed_at_door : consent->required);
}

/* Values for the sentence of a finding. */
static json_t *consent_data(const struct event *event, const struct consent *consent,
                            const char *language)
{
    return json_pack("{s:s, s:i, s:s}", "slug", consent->slug, "version", consent->version,
                     "consent", event_text(event, &consent->label, language));
}

static void write_agreed(struct json_writer *agreed, const struct consent *consent, const char *now)
{
    json_writer_object(agreed, NULL);
    json_writer_text(agreed, "slug", consent->slug);
    json_writer_number(agreed, "version", consent->version);
    json_writer_text(agreed, "given_at", now);
    json_writer_end(agreed);
}

/* Agreement counts for the text that was shown. */
static void read_consents(const struct form_place *place, const struct form_field *field,
                          void *values)
{
    const struct event *event = drafting_of(place)->event;
    struct draft *draft = values;
    struct arena *arena = place->reading->arena;
    struct buffer text;
    struct json_writer agreed;
    size_t count = form_list(place, field);
    struct said_consent *all = arena_alloc(arena, (count + 1) * sizeof *all);
    char now[CLOCK_TEXT_BYTES];
    clock_format(clock_now_us() / CLOCK_SECOND_US * CLOCK_SECOND_US, now);
    for (size_t i = 0; i < count; i++) {
        struct form_place item = form_element(place, i);
        struct said_consent said = {0};
        if (read_said(&item, &said))
            all[i] = said;
    }
    buffer_init(&text);
    json_writer_init(&agreed, &text);
    json_writer_list(&agreed, NULL);
    for (size_t i = 0; i < event->consent_count; i++) {
        const struct consent *consent = &event->consents[i];
        const struct said_consent *said = find_said(all, count, consent->slug);
        if (said && said->version != 0 && said->version != consent->version) {
            struct form_place item = form_element(place, (size_t)(said - all));
            bool is_object = json_is_object(item.value);
            form_refuse_at(is_object ? &item : place->above, is_object ? "version" : place->key,
                           "consent_outdated", consent_data(event, consent, draft->language));
        } else if (said) {
            write_agreed(&agreed, consent, now);
        } else if (needs_consent(drafting_of(place)->input, consent)) {
            form_refuse_here(place, "consent_needed",
                             consent_data(event, consent, draft->language));
        }
    }
    json_writer_end(&agreed);
    draft->consents = arena_copy(arena, buffer_text(&text));
    buffer_finish(&text);
}

/* --- Ticket types ---------------------------------------------------------------------------- */

/* The default ticket type: the first that needs no access code, and that has places at all if there
 * is such a type. */
static const struct ticket_type *open_ticket_type(const struct event *event)
{
    const struct ticket_type *closed = NULL;
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const struct ticket_type *type = &event->ticket_types[i];
        if (!type->code && event_ticket_type_exists(event, type))
            return type;
        if (!type->code && !closed)
            closed = type;
    }
    return closed;
}

/* The ticket type of an attendee who names none: that of the invitation, or else an open one, or
 * else the first one that the access code opens. */
static const struct ticket_type *usual_ticket_type(const struct drafting *all)
{
    const struct event *event = all->event;
    const struct ticket_type *type =
        all->input->invited_type ? all->input->invited_type : open_ticket_type(event);
    for (size_t i = 0; i < event->ticket_type_count && !type; i++) {
        if (access_code_opens(&event->ticket_types[i], all->draft->code))
            type = &event->ticket_types[i];
    }
    return type;
}

/* The only ticket type that the door admits; NULL: there are several. */
static const struct ticket_type *only_ticket_type(const struct draft_input *input)
{
    const struct ticket_type *only = NULL;
    for (size_t i = 0; i < input->event->ticket_type_count; i++) {
        const struct ticket_type *type = &input->event->ticket_types[i];
        if (input->door && !door_admits(input->door, type->slug))
            continue;
        if (only)
            return NULL;
        only = type;
    }
    return only;
}

static const struct ticket_type *named_ticket_type(const struct form_place *place,
                                                   const struct event *event)
{
    const char *slug = json_string_value(place->value);
    return slug ? event_ticket_type(event, slug) : NULL;
}

static void read_ticket_type(const struct form_place *place, const struct form_field *field,
                             void *values)
{
    const struct drafting *all = drafting_of(place);
    const struct draft *draft = all->draft;
    struct draft_attendee *attendee = values;
    const struct ticket_type *type =
        form_is_given(place) ? named_ticket_type(place, all->event) : usual_ticket_type(all);
    (void)field;
    attendee->ticket_type = type;
    if (!type)
        form_refuse_here(place, "unknown_ticket_type", NULL);
    else if (!access_code_opens(type, draft->code))
        form_refuse_here(place, "code_needed",
                         json_pack("{s:s}", "ticket_type",
                                   event_text(all->event, &type->title, draft->language)));
}

static void read_ticket_type_at_door(const struct form_place *place, const struct form_field *field,
                                     void *values)
{
    const struct draft_input *input = drafting_of(place)->input;
    struct draft *draft = values;
    bool is_given = form_is_given(place);
    const struct ticket_type *type =
        is_given ? named_ticket_type(place, input->event) : only_ticket_type(input);
    (void)field;
    draft->first.ticket_type = type;
    if (!type)
        form_refuse_here(place, is_given ? "unknown_ticket_type" : "ticket_type_needed", NULL);
    else if (input->door && !door_admits(input->door, type->slug))
        form_refuse_here(place, "not_for_this_door",
                         json_pack("{s:s, s:s}", "ticket_type",
                                   event_text(input->event, &type->title, draft->language), "door",
                                   event_text(input->event, &input->door->title, draft->language)));
}

/* --- Answers --------------------------------------------------------------------------------- */

const char *draft_json_text(struct arena *arena, const json_t *json)
{
    struct buffer text;
    struct json_writer writer;
    buffer_init(&text);
    json_writer_init(&writer, &text);
    const char *copy = escape_json(&writer, NULL, json) ? arena_copy(arena, text.bytes) : NULL;
    buffer_finish(&text);
    return copy;
}

const char *draft_search_text(struct arena *arena, const char *name, const char *email,
                              const json_t *answers)
{
    struct buffer text;
    const char *slug;
    json_t *answer;
    buffer_init(&text);
    buffer_add_text(&text, name ? name : "");
    buffer_add_char(&text, '\n');
    buffer_add_text(&text, email ? email : "");
    json_object_foreach ((json_t *)answers, slug, answer) {
        if (!json_is_string(answer))
            continue;
        buffer_add_char(&text, '\n');
        buffer_add_text(&text, json_string_value(answer));
    }
    const char *found = search_text(arena, buffer_text(&text));
    buffer_finish(&text);
    return found;
}

const char *draft_search_with_number(struct arena *arena, const char *search,
                                     const struct id *attendee_id)
{
    char number[ID_NUMBER_BYTES];
    id_number(attendee_id, number);
    return arena_printf(arena, "%s\n%.4s%s", search, number, number + 5);
}

/* The last field of an attendee, because the search text needs the other fields. */
static void read_answers(const struct form_place *place, const struct form_field *field,
                         void *values)
{
    const struct drafting *all = drafting_of(place);
    const struct event_reader reader = {all->event, all->draft->language, all->input->is_organiser,
                                        all->input->may_leave_out, all->input->at_door};
    struct arena *arena = place->reading->arena;
    struct draft_attendee *attendee = values;
    const char *email =
        attendee->email.address ? attendee->email.address : all->draft->email.address;
    json_t *answers = answers_read(place, &reader);
    (void)field;
    attendee->answers = draft_json_text(arena, answers);
    attendee->search = draft_search_text(arena, attendee->name, email, answers);
    json_decref(answers);
}

static void read_answers_at_door(const struct form_place *place, const struct form_field *field,
                                 void *values)
{
    struct draft *draft = values;
    read_answers(place, field, &draft->first);
}

/* --- The forms ------------------------------------------------------------------------------- */

static int64_t most_attendees(const void *context)
{
    const struct drafting *all = context;
    return all->event->most_attendees;
}

static void need_reason(const struct form_place *body, void *values)
{
    const struct draft *draft = values;
    struct form_place reason = form_member(body, "reason");
    if (draft->over_capacity && !form_is_given(&reason))
        form_refuse_here(&reason, "reason_needed", NULL);
}

static void check_walk_in(const struct form_place *body, void *values)
{
    struct form_place email = form_member(body, "email");
    need_reason(body, values);
    if (drafting_of(body)->event->email_needed_at_door && !form_is_given(&email))
        form_refuse_here(&email, "email_needed", NULL);
}

/* How many of the draft have this ticket type. */
static size_t count_of_type(const struct draft *draft, const struct ticket_type *type)
{
    size_t count = 0;
    for (size_t i = 0; i < draft->attendee_count; i++)
        count += draft->attendees[i].ticket_type == type;
    return count;
}

static bool exceeds(int64_t capacity, size_t count)
{
    return capacity > 0 && (int64_t)count > capacity;
}

/* Refuses what would wait for ever: a group that is larger than a capacity, and a ticket type
 * without places. sign_up.sql does the same. */
static void refuse_what_never_fits(const struct form_place *body, void *values)
{
    const struct event *event = drafting_of(body)->event;
    const struct draft *draft = values;
    const struct form_place list = form_member(body, "attendees");
    if (exceeds(event->capacity, draft->attendee_count))
        form_refuse_here(&list, "more_than_capacity",
                         json_pack("{s:I, s:I}", "places", (json_int_t)event->capacity, "people",
                                   (json_int_t)draft->attendee_count));
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const struct ticket_type *type = &event->ticket_types[i];
        size_t count = count_of_type(draft, type);
        if (!exceeds(event->capacity, draft->attendee_count) && exceeds(type->capacity, count))
            form_refuse_here(&list, "more_than_ticket_type",
                             json_pack("{s:I, s:I, s:s}", "places", (json_int_t)type->capacity,
                                       "people", (json_int_t)count, "ticket_type",
                                       event_text(event, &type->title, draft->language)));
    }
    for (size_t i = 0; i < draft->attendee_count; i++) {
        const struct ticket_type *type = draft->attendees[i].ticket_type;
        const struct form_place attendee = form_element(&list, i);
        if (type && !event_ticket_type_exists(event, type))
            form_refuse_at(&attendee, "ticket_type", "ticket_type_closed",
                           json_pack("{s:s}", "ticket_type",
                                     event_text(event, &type->title, draft->language)));
    }
}

static const struct form_field attendee_fields[] = {
    {"email", KIND_EMAIL, FORM_AT(struct draft_attendee, email)},
    {"ticket_type", .read = read_ticket_type},
    {"name", KIND_NAME, FORM_AT(struct draft_attendee, name), FORM_NEEDED, "name_needed"},
    {"answers", .read = read_answers},
};
static const struct form attendee_form = FORM(struct draft_attendee, attendee_fields);

static bool is_from_form(const void *context)
{
    return ((const struct drafting *)context)->input->from_form;
}

static const struct form_field sign_up_fields[] = {
    {"language", .read = read_language},
    {"email", KIND_EMAIL, FORM_AT(struct draft, email), FORM_NEEDED, "email_needed"},
    {"code", .read = read_code},
    {"attendees", .of = &attendee_form, FORM_AT(struct draft, attendees), .shape = FORM_LIST,
     FORM_COUNT_AT(struct draft, attendee_count), .items_most_now = most_attendees,
     .need = FORM_NEEDED, .needed = "attendees_needed", .wrong = "attendees_needed",
     .too_many = "too_many_attendees"},
    {"consents", .read = read_consents},
    {"consent_versions", .shown = is_from_form},
    {"idempotency_key"},
    {"invitation"},
};
static const struct form sign_up_form =
    FORM(struct draft, sign_up_fields, .check = refuse_what_never_fits);

static const struct form_field door_fields[] = {
    {"language", .read = read_language},
    {"email", KIND_EMAIL, FORM_AT(struct draft, email)},
    {"ticket_type", .read = read_ticket_type_at_door},
    {"name", KIND_NAME, FORM_AT(struct draft, first.name), FORM_NEEDED, "name_needed"},
    {"answers", .read = read_answers_at_door},
    {"consents", .read = read_consents},
    {"over_capacity", KIND_BOOLEAN, FORM_AT(struct draft, over_capacity)},
    {"reason", KIND_TEXT, FORM_AT(struct draft, reason)},
};
static const struct form door_form = FORM(struct draft, door_fields, .check = check_walk_in);

/* An organiser adds a person by hand. */
static const struct form_field desk_fields[] = {
    {"language", .read = read_language},
    {"email", KIND_EMAIL, FORM_AT(struct draft, email)},
    {"ticket_type", .read = read_ticket_type_at_door},
    {"name", KIND_NAME, FORM_AT(struct draft, first.name), FORM_NEEDED, "name_needed"},
    {"answers", .read = read_answers_at_door},
    {"consents", .read = read_consents},
    {"over_capacity", KIND_BOOLEAN, FORM_AT(struct draft, over_capacity)},
    {"reason", KIND_TEXT, FORM_AT(struct draft, reason)},
    {"anyway", KIND_BOOLEAN, FORM_AT(struct draft, anyway)},
    {"send", KIND_BOOLEAN, FORM_AT(struct draft, sends)},
    {"idempotency_key"},
};
static const struct form desk_form = FORM(struct draft, desk_fields, .check = need_reason);

static const struct form *form_of(const struct draft_input *input)
{
    if (input->at_desk)
        return &desk_form;
    return input->at_door ? &door_form : &sign_up_form;
}

static enum registration_status status_with_places(const struct draft_input *input,
                                                   const struct draft *draft)
{
    const struct event *event = input->event;
    bool approval = event->approval;
    if (input->at_door)
        return REGISTRATION_STATUS_CONFIRMED;
    for (size_t i = 0; i < draft->attendee_count; i++)
        approval |= draft->attendees[i].ticket_type && draft->attendees[i].ticket_type->approval;
    bool is_proven = input->invited_key && strcmp(draft->email.key, input->invited_key) == 0;
    if (event->verify_email && !is_proven)
        return REGISTRATION_STATUS_UNVERIFIED;
    return approval ? REGISTRATION_STATUS_PENDING : REGISTRATION_STATUS_CONFIRMED;
}

json_t *draft_read(struct arena *arena, const struct draft_input *input, struct draft *ret_draft)
{
    struct findings findings;
    const struct drafting all = {input, input->event, ret_draft};
    const struct form_reading reading = {.arena = arena,
                                         .findings = &findings,
                                         .is_typed = input->from_form,
                                         .kept_emails = input->kept_emails,
                                         .context = &all};
    findings_init(&findings, input->locale);
    *ret_draft = (struct draft){0};
    if (input->at_door) {
        ret_draft->attendees = &ret_draft->first;
        ret_draft->attendee_count = 1;
    }
    if (!form_read(&reading, form_of(input), input->body, ret_draft))
        return findings_take(&findings);
    ret_draft->status = status_with_places(input, ret_draft);
    findings_finish(&findings);
    return NULL;
}
