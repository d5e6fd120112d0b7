#include "features/registration/correction.h"

#include "base/clock.h"
#include "form/findings.h"
#include "features/registration/answers.h"
#include "features/registration/draft.h"
#include "features/registration/errand.h"
#include "http/request.h"
#include "statements.h"
#include "view/locale.h"

enum {
    AT_VERSION = 3,
    AT_LANGUAGE,
    AT_EMAIL,
    AT_EMAIL_KEY,
    AT_ID,
    AT_NAME,
    AT_OWN_EMAIL,
    AT_ANSWERS,
    AT_SEARCH
};

/* What reading them needs everywhere. */
struct corrections {
    struct request *request;
    const struct registration *registration;
    const char *email;  /* the registration's, as it will be */
    bool *is_corrected; /* by attendee */
    struct params *params;
    struct findings *findings;
};

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

/* Moves the answers to questions that the event asks no more. New reference. */
static json_t *cut_former_answers(const struct event *event, json_t *answers)
{
    json_t *former = json_object(), *answer;
    const char *slug;
    void *next;
    json_object_foreach_safe(answers, next, slug, answer)
    {
        if (event_question(event, slug))
            continue;
        json_object_set(former, slug, answer);
        json_object_del(answers, slug);
    }
    return former;
}

/* The answers there are with the given ones laid over them, checked. Where none are given those
 * that are there stay, whatever the event asks by now. New reference. */
static json_t *merged_answers(const struct corrections *all,
                              const struct registered_attendee *attendee, json_t *given,
                              const char *pointer)
{
    struct request *request = all->request;
    json_t *merged = json_loads(attendee->answers, 0, NULL);
    if (!given || json_is_null(given))
        return merged;
    json_t *former = cut_former_answers(request_event(request), merged);
    if (request_body_is_form(request))
        json_object_clear(merged);
    if (json_is_object(given))
        json_object_update(merged, given);
    struct answers_input input = {
        .event = request_event(request),
        .given = json_is_object(given) ? merged : given,
        .pointer = arena_printf(request_arena(request), "%s/answers", pointer),
        .language = locale_code(request_locale(request)),
        .from_form = request_body_is_form(request),
    };
    json_t *answers = answers_read(request_arena(request), &input, all->findings);
    json_object_update(answers, former);
    json_decref(former);
    json_decref(merged);
    return answers;
}

/* The attendee of a correction, once. NULL: the id is no such, which has been found. */
static const struct registered_attendee *take_attendee(const struct corrections *all,
                                                       const json_t *given, const char *pointer)
{
    const struct registered_attendee *attendee =
        find_attendee(all->registration, json_object_get(given, "id"));
    bool *is_corrected =
        attendee ? &all->is_corrected[attendee - all->registration->attendees] : NULL;
    if (!attendee || *is_corrected) {
        findings_add(all->findings, arena_printf(request_arena(all->request), "%s/id", pointer),
                     attendee ? "attendee_twice" : "unknown_attendee", NULL);
        return NULL;
    }
    *is_corrected = true;
    return attendee;
}

/* An attendee as it will be. */
static void add_attendee(const struct corrections *all, const struct id *id, const char *name,
                         const char *own_email, const json_t *answers)
{
    struct arena *arena = request_arena(all->request);
    struct params *params = all->params;
    params_add_id(params, AT_ID, id);
    params_add_text(params, AT_NAME, name);
    params_add_text(params, AT_OWN_EMAIL, own_email);
    params_add_text(params, AT_ANSWERS, draft_json_text(arena, answers));
    params_add_text(
        params, AT_SEARCH,
        draft_search_text(arena, name ? name : "", own_email ? own_email : all->email, answers));
}

/* An address of the attendee's own; null (empty in a form) takes it away. */
static const char *read_own_email(const struct corrections *all, const json_t *given,
                                  const char *pointer)
{
    struct email email;
    const char *text = json_string_value(given);
    if (json_is_null(given) || (text && *text == '\0' && request_body_is_form(all->request)))
        return NULL;
    bool is_read =
        draft_read_email(request_arena(all->request), given, pointer, all->findings, &email);
    return is_read ? email.address : NULL;
}

static void add_correction(const struct corrections *all, json_t *given, size_t index)
{
    struct arena *arena = request_arena(all->request);
    struct findings *findings = all->findings;
    const char *pointer = arena_printf(arena, "/attendees/%zu", index);
    const struct registered_attendee *attendee = take_attendee(all, given, pointer);
    if (!attendee)
        return;
    static const char *const known[] = {"id", "name", "email", "answers", NULL};
    draft_refuse_unknown(arena, given, pointer, known, findings);
    const char *name = attendee->name, *own_email = attendee->email;
    const json_t *new_name = json_object_get(given, "name");
    const json_t *new_email = json_object_get(given, "email");
    if (new_name)
        name = draft_read_name(arena, new_name, arena_printf(arena, "%s/name", pointer), findings);
    if (new_email)
        own_email = read_own_email(all, new_email, arena_printf(arena, "%s/email", pointer));
    json_t *answers = merged_answers(all, attendee, json_object_get(given, "answers"), pointer);
    add_attendee(all, &attendee->id, name, own_email, answers);
    json_decref(answers);
}

/* Whoever is not corrected is searched for by the registration's new address, too. */
static void add_others(const struct corrections *all)
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

static const char *read_language(const struct corrections *all, const json_t *given)
{
    const char *language = json_string_value(given);
    if (!given)
        return all->registration->language;
    if (!language || !event_has_language(request_event(all->request), language))
        findings_add(all->findings, "/language", "language_not_spoken", NULL);
    return language;
}

/* The registration's own address. */
static void read_email(struct corrections *all, const json_t *given)
{
    struct email email;
    if (!given ||
        !draft_read_email(request_arena(all->request), given, "/email", all->findings, &email))
        return;
    all->email = email.address;
    params_text(all->params, AT_EMAIL, email.address);
    params_text(all->params, AT_EMAIL_KEY, email.key);
}

static void read_body(struct corrections *all)
{
    json_t *body = request_body(all->request), *given;
    size_t i;
    params_number(all->params, AT_VERSION, all->registration->version);
    params_text(all->params, AT_LANGUAGE, read_language(all, json_object_get(body, "language")));
    read_email(all, json_object_get(body, "email"));
    for (int at = AT_ID; at <= AT_SEARCH; at++)
        params_array(all->params, at);
    json_array_foreach (json_object_get(body, "attendees"), i, given)
        add_correction(all, given, i);
    if (json_object_get(body, "email"))
        add_others(all);
}

/* Forms say numbers as text. */
static bool is_version(const json_t *given, int64_t version)
{
    const char *text = json_string_value(given);
    return text ? strtoll(text, NULL, 10) == version
                : json_is_integer(given) && json_integer_value(given) == version;
}

/* NULL: it may be corrected. */
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

static void on_looked(struct errand *errand, const struct registration *registration)
{
    struct request *request = errand->request;
    struct findings findings;
    const char *refusal = find_refusal(request, registration);
    if (refusal) {
        errand_refuse(errand, 409, refusal);
        return;
    }
    findings_init(&findings, request_locale(request));
    struct corrections all = {
        .request = request,
        .registration = registration,
        .email = registration->email,
        .is_corrected = arena_alloc(request_arena(request), registration->attendee_count),
        .params = errand_params(errand, &sql_registration_change),
        .findings = &findings,
    };
    read_body(&all);
    if (findings_any(&findings)) {
        params_destroy(all.params);
        errand_reply_invalid(errand, &findings);
        return;
    }
    findings_finish(&findings);
    errand_change(errand, &sql_registration_change, all.params);
}

void correction_begin(struct errand *errand)
{
    errand_look_to_change(errand, on_looked);
}
