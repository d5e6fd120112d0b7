#include "features/registration/draft.h"

#include "base/buffer.h"
#include "base/text.h"
#include "event/access_code.h"
#include "features/registration/answers.h"

/* What reading one draft needs everywhere. */
struct reading {
    struct arena *arena;
    const struct draft_input *input;
    const struct event *event;
    json_t *body;
    bool from_form;
    const char *code; /* the access code, NULL: none */
    struct findings *findings;
    struct draft *draft;
};

static bool is_absent(const json_t *given)
{
    const char *text = json_string_value(given);
    return !given || json_is_null(given) || (text && *text == '\0');
}

/* A name as it stands in a pointer, RFC 6901 section 3. */
static const char *pointer_part(struct arena *arena, const char *name)
{
    char *part = arena_alloc(arena, 2 * strlen(name) + 1), *end = part;
    for (; *name; name++) {
        bool escaped = *name == '~' || *name == '/';
        if (escaped)
            *end++ = '~';
        *end++ = escaped ? (*name == '~' ? '0' : '1') : *name;
    }
    return part;
}

void draft_refuse_unknown(struct arena *arena, json_t *object, const char *pointer,
                          const char *const *known, struct findings *findings)
{
    const char *name;
    json_t *value;
    json_object_foreach (object, name, value) {
        const char *const *at = known;
        while (*at && strcmp(*at, name) != 0)
            at++;
        if (!*at)
            findings_add(findings, arena_printf(arena, "%s/%s", pointer, pointer_part(arena, name)),
                         "unknown_field", NULL);
    }
}

const char *draft_json_text(struct arena *arena, const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
    const char *copy = arena_copy(arena, text);
    free(text);
    return copy;
}

const char *draft_read_name(struct arena *arena, const json_t *given, const char *pointer,
                            struct findings *findings)
{
    if (given && !json_is_null(given) && !json_is_string(given)) {
        findings_add(findings, pointer, "text_expected", NULL);
        return NULL;
    }
    char *name = json_is_string(given) ? text_clean(arena, json_string_value(given)) : NULL;
    const char *code = NULL;
    if (!name || (!text_is_visible(name) && !text_has_control(name, false)))
        code = "name_needed";
    else if (text_has_control(name, false))
        code = "control_characters";
    else if (text_length(name) > DRAFT_NAME_MOST)
        code = "too_long";
    if (code)
        findings_add(findings, pointer, code, json_pack("{s:i}", "most", DRAFT_NAME_MOST));
    return code ? NULL : name;
}

bool draft_read_email(struct arena *arena, const json_t *given, const char *pointer,
                      struct findings *findings, struct email *ret_email)
{
    const char *text = json_string_value(given);
    if (is_absent(given))
        findings_add(findings, pointer, "email_needed", NULL);
    else if (!text || !email_parse(arena, text, ret_email))
        findings_add(findings, pointer, "email_expected", NULL);
    else
        return true;
    return false;
}

const char *draft_search_text(struct arena *arena, const char *name, const char *email,
                              const json_t *answers)
{
    struct buffer text;
    const char *slug;
    json_t *answer;
    buffer_init(&text);
    buffer_printf(&text, "%s\n%s", name, email);
    json_object_foreach ((json_t *)answers, slug, answer) {
        if (json_is_string(answer))
            buffer_printf(&text, "\n%s", json_string_value(answer));
    }
    const char *folded = text_fold(arena, buffer_text(&text));
    buffer_finish(&text);
    return folded;
}

static void read_language(const struct reading *reading, const char *preferred)
{
    const json_t *given = json_object_get(reading->body, "language");
    const char *language = json_string_value(given);
    const struct event *event = reading->event;
    if (is_absent(given))
        language = event_has_language(event, preferred) ? preferred : event->languages[0];
    else if (!language || !event_has_language(event, language))
        findings_add(reading->findings, "/language", "language_not_spoken", NULL);
    reading->draft->language = arena_copy(reading->arena, language);
}

/* The consents as a list of slugs: a form sends one alone as text. New reference. */
static json_t *list_of_consents(const struct reading *reading)
{
    json_t *given = json_object_get(reading->body, "consents"), *list = json_array();
    if (json_is_array(given))
        json_array_extend(list, given);
    else if (reading->from_form && json_is_string(given))
        json_array_append(list, given);
    else if (!is_absent(given))
        findings_add(reading->findings, "/consents", "list_expected", NULL);
    return list;
}

static bool contains(const json_t *list, const char *slug)
{
    size_t i;
    json_t *item;
    json_array_foreach ((json_t *)list, i, item) {
        if (json_is_string(item) && strcmp(json_string_value(item), slug) == 0)
            return true;
    }
    return false;
}

static void read_consents(const struct reading *reading)
{
    const struct event *event = reading->event;
    json_t *list = list_of_consents(reading), *agreed = json_array(), *item;
    size_t i;
    json_array_foreach (list, i, item) {
        const char *slug = json_string_value(item);
        if (!slug || !event_consent(event, slug))
            findings_add(reading->findings, arena_printf(reading->arena, "/consents/%zu", i),
                         "unknown_consent", NULL);
    }
    for (size_t c = 0; c < event->consent_count; c++) {
        const struct consent *consent = &event->consents[c];
        if (contains(list, consent->slug))
            json_array_append_new(agreed, json_pack("{s:s, s:i}", "slug", consent->slug, "version",
                                                    consent->version));
        else if (consent->required)
            findings_add(reading->findings, "/consents", "consent_needed",
                         json_pack("{s:s, s:s}", "slug", consent->slug, "consent",
                                   event_text(event, &consent->label, reading->draft->language)));
    }
    reading->draft->consents = draft_json_text(reading->arena, agreed);
    json_decref(agreed);
    json_decref(list);
}

/* The ticket type of those who name none: the first that needs no access code. */
static const struct ticket_type *open_ticket_type(const struct event *event)
{
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        if (!event->ticket_types[i].code)
            return &event->ticket_types[i];
    }
    return NULL;
}

const char *draft_read_code(struct arena *arena, const json_t *given)
{
    const char *typed = json_string_value(given);
    return typed ? text_clean(arena, typed) : NULL;
}

static void check_code(const struct reading *reading)
{
    const json_t *given = json_object_get(reading->body, "code");
    if (is_absent(given))
        return;
    for (size_t i = 0; i < reading->event->ticket_type_count; i++) {
        const struct ticket_type *type = &reading->event->ticket_types[i];
        if (type->code && access_code_opens(type, reading->code))
            return;
    }
    findings_add(reading->findings, "/code", "wrong_code", NULL);
}

/* The only one that is let in; NULL: there are several. */
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

/* Which ticket somebody gets who stands at a door. */
static const struct ticket_type *read_ticket_type_at_door(const struct reading *reading)
{
    const struct draft_input *input = reading->input;
    const json_t *given = json_object_get(reading->body, "ticket_type");
    const char *slug = json_string_value(given), *language = reading->draft->language;
    const struct ticket_type *type = is_absent(given) ? only_ticket_type(input)
                                     : slug           ? event_ticket_type(input->event, slug)
                                                      : NULL;
    if (!type)
        findings_add(reading->findings, "/ticket_type",
                     is_absent(given) ? "ticket_type_needed" : "unknown_ticket_type", NULL);
    else if (input->door && !door_admits(input->door, type->slug))
        findings_add(reading->findings, "/ticket_type", "not_for_this_door",
                     json_pack("{s:s, s:s}", "ticket_type",
                               event_text(input->event, &type->title, language), "door",
                               event_text(input->event, &input->door->title, language)));
    return type;
}

static const struct ticket_type *read_ticket_type(const struct reading *reading,
                                                  const json_t *given, const char *pointer)
{
    const char *slug = json_string_value(given);
    const struct ticket_type *type = is_absent(given) ? open_ticket_type(reading->event)
                                     : slug           ? event_ticket_type(reading->event, slug)
                                                      : NULL;
    if (!type)
        findings_add(reading->findings, pointer, "unknown_ticket_type", NULL);
    else if (!access_code_opens(type, reading->code))
        findings_add(reading->findings, pointer, "code_needed",
                     json_pack("{s:s}", "ticket_type",
                               event_text(reading->event, &type->title, reading->draft->language)));
    return type;
}

/* What is asked of everybody: a name and answers. */
static void read_person(const struct reading *reading, json_t *given, const char *pointer,
                        const char *email, struct draft_attendee *ret)
{
    struct arena *arena = reading->arena;
    ret->name = draft_read_name(arena, json_object_get(given, "name"),
                                arena_printf(arena, "%s/name", pointer), reading->findings);
    struct answers_input input = {
        .event = reading->event,
        .given = json_object_get(given, "answers"),
        .pointer = arena_printf(arena, "%s/answers", pointer),
        .language = reading->draft->language,
        .from_form = reading->from_form,
    };
    json_t *answers = answers_read(arena, &input, reading->findings);
    ret->answers = draft_json_text(arena, answers);
    ret->search = draft_search_text(arena, ret->name ? ret->name : "", email ? email : "", answers);
    json_decref(answers);
}

static void read_attendee(const struct reading *reading, json_t *given, const char *pointer,
                          struct draft_attendee *ret)
{
    static const char *const known[] = {"name", "email", "ticket_type", "answers", NULL};
    struct arena *arena = reading->arena;
    if (!json_is_object(given)) {
        findings_add(reading->findings, pointer, "object_expected", NULL);
        return;
    }
    draft_refuse_unknown(arena, given, pointer, known, reading->findings);
    struct email email = reading->draft->email;
    if (!is_absent(json_object_get(given, "email")) &&
        draft_read_email(arena, json_object_get(given, "email"),
                         arena_printf(arena, "%s/email", pointer), reading->findings, &email))
        ret->email = email.address;
    ret->ticket_type = read_ticket_type(reading, json_object_get(given, "ticket_type"),
                                        arena_printf(arena, "%s/ticket_type", pointer));
    read_person(reading, given, pointer, email.address, ret);
}

static void read_guest_at_door(const struct reading *reading)
{
    struct draft *draft = reading->draft;
    draft->attendees = arena_alloc(reading->arena, sizeof *draft->attendees);
    draft->attendee_count = 1;
    draft->attendees->ticket_type = read_ticket_type_at_door(reading);
    read_person(reading, reading->body, "", draft->email.address, draft->attendees);
}

static void read_attendees(const struct reading *reading)
{
    json_t *list = json_object_get(reading->body, "attendees"), *given;
    struct draft *draft = reading->draft;
    size_t count = json_array_size(list), most = (size_t)reading->event->most_attendees, i;
    if (count < 1 || count > most) {
        findings_add(reading->findings, "/attendees",
                     count < 1 ? "attendees_needed" : "too_many_attendees",
                     json_pack("{s:I}", "most", (json_int_t)most));
        return;
    }
    draft->attendees = arena_alloc(reading->arena, count * sizeof *draft->attendees);
    draft->attendee_count = count;
    json_array_foreach (list, i, given) {
        const char *pointer = arena_printf(reading->arena, "/attendees/%zu", i);
        read_attendee(reading, given, pointer, &draft->attendees[i]);
    }
}

static const char *status_with_places(const struct draft_input *input, const struct draft *draft)
{
    const struct event *event = input->event;
    bool approval = event->approval;
    if (input->at_door)
        return "confirmed";
    for (size_t i = 0; i < draft->attendee_count; i++)
        approval |= draft->attendees[i].ticket_type && draft->attendees[i].ticket_type->approval;
    return event->verify_email ? "unverified" : approval ? "pending" : "confirmed";
}

static void refuse_unknown(const struct reading *reading)
{
    static const char *const sign_up[] = {"email",     "language",        "code", "consents",
                                          "attendees", "idempotency_key", NULL};
    static const char *const at_door[] = {"name",    "email",    "language",         "ticket_type",
                                          "answers", "consents", DRAFT_AT_DOOR_MORE, NULL};
    draft_refuse_unknown(reading->arena, reading->body, "",
                         reading->input->at_door ? at_door : sign_up, reading->findings);
}

void draft_read(struct arena *arena, const struct draft_input *input, struct findings *findings,
                struct draft *ret_draft)
{
    json_t *body = input->body;
    struct reading reading = {.arena = arena,
                              .input = input,
                              .event = input->event,
                              .body = body,
                              .from_form = input->from_form,
                              .code = draft_read_code(arena, json_object_get(body, "code")),
                              .findings = findings,
                              .draft = ret_draft};
    *ret_draft = (struct draft){0};
    refuse_unknown(&reading);
    read_language(&reading, input->language);
    if (!draft_read_email(arena, json_object_get(body, "email"), "/email", findings,
                          &ret_draft->email))
        ret_draft->email = (struct email){0};
    if (input->at_door) {
        read_guest_at_door(&reading);
    } else {
        check_code(&reading);
        read_attendees(&reading);
    }
    read_consents(&reading);
    ret_draft->status = status_with_places(input, ret_draft);
}
