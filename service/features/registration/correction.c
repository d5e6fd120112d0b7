#include "features/registration/correction.h"

#include "base/clock.h"
#include "form/form.h"
#include "event/answers.h"
#include "event/draft.h"
#include "features/registration/act.h"
#include "features/registration/registration.h"
#include "features/registration/errand.h"
#include "http/request.h"
#include "http/source.h"
#include "statements.h"
#include "view/locale.h"

struct corrections {
    struct request *request;
    const struct registration *registration;
    struct email email;   /* the registration's new address; address NULL: stays */
    const char *language; /* NULL: stays */
    bool *is_corrected;   /* by attendee */
    struct registration_change_attendee *rows; /* by attendee, for the statement */
    size_t row_count;
    int64_t new_addresses; /* of attendees */
    struct act_said said;
    struct corrected *attendees;
    size_t attendee_count;
};

/* The new values of an attendee. */
struct corrected {
    const struct registered_attendee *attendee;
    const char *name;
    struct email email;
};

static struct corrections *corrections_of(const struct form_place *place)
{
    return (struct corrections *)place->reading->context;
}

static const struct registered_attendee *find_attendee(const struct registration *registration,
                                                       const json_t *id_text)
{
    struct id id;
    const char *text = json_string_value(id_text);
    if (!text || !id_parse(text, &id))
        return NULL;
    for (size_t i = 0; i < registration->attendee_count; i++) {
        if (id_equal(&registration->attendees[i].id, &id))
            return &registration->attendees[i];
    }
    return NULL;
}

/* Without given answers, the stored ones stay. A new reference. */
static json_t *corrected_answers(const struct form_place *place,
                                 const struct registered_attendee *attendee)
{
    struct request *request = corrections_of(place)->request;
    const struct event_reader reader = {
        request_event(request), locale_code(request_locale(request)),
        request_role(request) & WHO_EDITORS, request_is_desk(request)};
    json_t *stored = json_loads(attendee->answers, 0, NULL);
    if (!place->value || json_is_null(place->value))
        return stored;
    json_t *answers = answers_correct(place, &reader, stored);
    json_decref(stored);
    return answers;
}

static void read_attendee_id(const struct form_place *place, const struct form_field *field,
                             void *values)
{
    const struct corrections *all = corrections_of(place);
    struct corrected *corrected = values;
    const struct registered_attendee *attendee = find_attendee(all->registration, place->value);
    bool *is_corrected =
        attendee ? &all->is_corrected[attendee - all->registration->attendees] : NULL;
    (void)field;
    if (!attendee || *is_corrected) {
        form_refuse_here(place, attendee ? "attendee_twice" : "unknown_attendee", NULL);
        return;
    }
    *is_corrected = true;
    corrected->attendee = attendee;
    corrected->name = attendee->name;
}

static void add_attendee(struct corrections *all, const struct id *id, const char *name,
                         const char *own_email, const json_t *answers)
{
    struct arena *arena = request_arena(all->request);
    const char *email = all->email.address ? all->email.address : all->registration->email;
    all->rows[all->row_count++] = (struct registration_change_attendee){
        .attendee_id = id,
        .name = name,
        .email = own_email,
        .answers = draft_json_text(arena, answers),
        .search = draft_search_with_number(
            arena, draft_search_text(arena, name, own_email ? own_email : email, answers), id)};
}

/* Whether somebody else could get mail now. */
static bool is_new(const char *address, const char *former)
{
    return address && (!former || strcmp(address, former) != 0);
}

/* An empty address removes the attendee's own address. */
static void add_correction(const struct form_place *object, void *values)
{
    const struct corrected *corrected = values;
    const struct registered_attendee *attendee = corrected->attendee;
    if (!attendee)
        return;
    struct form_place place = form_member(object, "answers");
    bool keeps_email = !form_member(object, "email").value;
    if (is_new(corrected->email.address, attendee->email))
        corrections_of(object)->new_addresses++;
    json_t *answers = corrected_answers(&place, attendee);
    add_attendee(corrections_of(object), &attendee->id, corrected->name,
                 keeps_email ? attendee->email : corrected->email.address, answers);
    json_decref(answers);
}

/* The search texts of the other attendees need the registration's new address. */
static void add_others(struct corrections *all)
{
    const struct registration *registration = all->registration;
    for (size_t i = 0; i < registration->attendee_count; i++) {
        const struct registered_attendee *attendee = &registration->attendees[i];
        if (all->is_corrected[i])
            continue;
        json_t *answers = json_loads(attendee->answers, 0, NULL);
        add_attendee(all, &attendee->id, attendee->name, attendee->email, answers);
        json_decref(answers);
    }
}

static void read_language(const struct form_place *place, const struct form_field *field,
                          void *values)
{
    struct corrections *all = values;
    const char *language = json_string_value(place->value);
    (void)field;
    if (!place->value)
        return;
    if (!language || !event_has_language(request_event(all->request), language))
        form_refuse_here(place, "language_not_spoken", NULL);
    all->language = language;
}

static const struct form_field attendee_fields[] = {
    {"id", .read = read_attendee_id},
    {"name", KIND_NAME, FORM_AT(struct corrected, name), FORM_NOT_BLANK, "name_needed"},
    {"email", KIND_EMAIL, FORM_AT(struct corrected, email)},
    {"answers"},
};
static const struct form attendee_form =
    FORM(struct corrected, attendee_fields, .check = add_correction);

static bool by_editor(const void *all)
{
    return act_is_by_editor(((const struct corrections *)all)->request);
}

/* find_refusal() has checked the version. */
static const struct form_field fields[] = {
    {"version"},
    {"language", .read = read_language},
    {"email", KIND_EMAIL, FORM_AT(struct corrections, email), FORM_NOT_BLANK, "email_needed"},
    {"attendees", .of = &attendee_form, FORM_AT(struct corrections, attendees), .shape = FORM_LIST,
     FORM_COUNT_AT(struct corrections, attendee_count)},
    {"idempotency_key"},
    ACT_FIELDS(struct corrections, said., by_editor),
};
static const struct form form = FORM(struct corrections, fields);

static struct params *make_params(struct errand *errand, struct corrections *all)
{
    const struct registration *registration = all->registration;
    if (all->email.address)
        add_others(all);
    struct params *params = registration_change_params(&(struct registration_change){
        .event_id = &request_event(all->request)->id,
        .registration_id = &errand->registration_id,
        .version = registration->version,
        .language = all->language ? all->language : registration->language,
        .new_email = all->email.address,
        .new_email_key = all->email.key,
        .by_organiser = request_role(all->request) & WHO_EDITORS,
        .source = request_source_hash(all->request),
        .tells = all->said.tell,
        .words = all->said.words,
        .actor = request_caller(all->request)->label});
    for (size_t i = 0; i < all->row_count; i++)
        registration_change_add_attendee(params, &all->rows[i]);
    return params;
}

/* Forms send numbers as text. */
static bool is_version(const json_t *given, int64_t version)
{
    const char *text = json_string_value(given);
    return text ? strtoll(text, NULL, 10) == version
                : json_is_integer(given) && json_integer_value(given) == version;
}

static const char *find_refusal(struct request *request, const struct registration *registration)
{
    const json_t *body = request_body(request), *version = json_object_get(body, "version");
    bool by_editor = request_role(request) & WHO_EDITORS;
    const struct event *event = request_event(request);
    if (!by_editor && clock_now_us() >= event->changes_until_us)
        return "too_late_to_change";
    if (!by_editor && json_object_get(body, "email") && registration->is_verified)
        return "address_settled";
    return version && !is_version(version, registration->version) ? "not_current" : NULL;
}

/* Asks before the database tells whether the new address is registered. */
static bool may_move(struct errand *errand, const struct corrections *all)
{
    struct request *request = errand->request;
    const struct pace_key of_source = {.limit = PACE_ADDRESSES,
                                       .scope = &request_event(request)->id};
    const struct pace_key of_one = {.limit = PACE_ADDRESSES_OF_ONE,
                                    .scope = &errand->registration_id};
    bool moves = is_new(all->email.address, all->registration->email);
    int64_t addresses = all->new_addresses + moves;
    if (addresses == 0 || errand->looks > 1 || (request_role(request) & WHO_EDITORS))
        return true;
    return (!moves || request_takes(request, &of_one)) &&
           source_takes(request, &of_source, addresses);
}

/* Who was registered without an address may stay without: the desk's form sends an empty field. */
static void keep_no_address(struct request *request, const struct registration *registration)
{
    const char *typed = json_string_value(json_object_get(request_body(request), "email"));
    bool has_address = registration->email && *registration->email;
    if (request_body_is_form(request) && !has_address && typed &&
        typed[strspn(typed, " \t\r\n")] == '\0')
        json_object_del(request_body(request), "email");
}

static void on_looked(struct errand *errand, const struct registration *registration)
{
    struct request *request = errand->request;
    const char *refusal = find_refusal(request, registration);
    if (refusal) {
        errand_refuse(errand, 409, refusal);
        return;
    }
    struct arena *arena = request_arena(request);
    size_t count = registration->attendee_count;
    struct corrections all = {
        .request = request,
        .registration = registration,
        .said = ACT_SAID_NOTHING,
        .is_corrected = arena_alloc(arena, count),
        .rows = arena_alloc(arena, count * sizeof *all.rows),
    };
    keep_no_address(request, registration);
    json_t *errors = form_read_body(request, &form, &all, &all);
    if (errors)
        errand_reply_invalid(errand, errors);
    else if (!may_move(errand, &all))
        errand_refuse(errand, 429, "too_many_from_network");
    else
        errand_change(errand, make_params(errand, &all), registration_change_outcome);
}

void correction_begin(struct errand *errand)
{
    errand_look_to_change(errand, on_looked);
}
