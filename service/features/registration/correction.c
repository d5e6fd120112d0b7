#include "features/registration/correction.h"

#include "features/findings.h"
#include "features/registration/answers.h"
#include "features/registration/draft.h"
#include "features/registration/errand.h"
#include "http/request.h"
#include "statements.h"
#include "view/locale.h"

/* What reading them needs everywhere. */
struct corrections {
    struct request *request;
    const struct registration *registration;
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
    if (json_is_object(given))
        json_object_update(merged, given);
    struct answers_input input = {
        .event = request_event(request),
        .given = json_is_object(given) ? merged : given,
        .pointer = arena_printf(request_arena(request), "%s/answers", pointer),
        .language = locale_code(request_locale(request)),
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

static void add_correction(const struct corrections *all, json_t *given, size_t index)
{
    struct arena *arena = request_arena(all->request);
    struct findings *findings = all->findings;
    struct params *params = all->params;
    const char *pointer = arena_printf(arena, "/attendees/%zu", index);
    const struct registered_attendee *attendee = take_attendee(all, given, pointer);
    if (!attendee)
        return;
    static const char *const known[] = {"id", "name", "email", "answers", NULL};
    draft_refuse_unknown(arena, given, pointer, known, findings);
    const char *name = attendee->name, *address = attendee->email;
    const json_t *new_name = json_object_get(given, "name");
    const json_t *new_email = json_object_get(given, "email");
    struct email email;
    if (new_name)
        name = draft_read_name(arena, new_name, arena_printf(arena, "%s/name", pointer), findings);
    if (new_email && draft_read_email(arena, new_email, arena_printf(arena, "%s/email", pointer),
                                      findings, &email))
        address = email.address;
    json_t *answers = merged_answers(all, attendee, json_object_get(given, "answers"), pointer);
    params_add_id(params, 4, &attendee->id);
    params_add_text(params, 5, name);
    params_add_text(params, 6, address);
    params_add_text(params, 7, draft_json_text(arena, answers));
    params_add_text(params, 8,
                    draft_search_text(arena, name ? name : "",
                                      address ? address : all->registration->email, answers));
    json_decref(answers);
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

static void on_looked(struct errand *errand, const struct registration *registration)
{
    struct request *request = errand->request;
    json_t *body = request_body(request), *given;
    struct findings findings;
    size_t i;
    findings_init(&findings, request_locale(request));
    const struct corrections all = {
        .request = request,
        .registration = registration,
        .is_corrected = arena_alloc(request_arena(request), registration->attendee_count),
        .params = errand_params(errand, &sql_registration_change),
        .findings = &findings,
    };
    params_text(all.params, 3, read_language(&all, json_object_get(body, "language")));
    for (int at = 4; at <= 8; at++)
        params_array(all.params, at);
    json_array_foreach (json_object_get(body, "attendees"), i, given)
        add_correction(&all, given, i);
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
    errand_look(errand, on_looked);
}
