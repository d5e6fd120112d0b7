#include "event/event_file_parts.h"

static json_t *name_data(const char *name)
{
    return json_pack("{s:s}", "name", name);
}

/* Whether an earlier element of the list has this slug too; one that was refused has "". */
static void refuse_duplicate(const struct place *element, const char *slug)
{
    if (*slug == '\0')
        return;
    for (size_t i = 0; i < element->index; i++) {
        const json_t *earlier = json_array_get(element->above->value, i);
        const char *other = json_string_value(json_object_get(earlier, "slug"));
        if (other && strcmp(other, slug) == 0) {
            struct place place = strict_member(element, "slug");
            strict_refuse(&place, "duplicate", name_data(slug));
            return;
        }
    }
}

static const char *read_slug(const struct place *element)
{
    struct place place = strict_member(element, "slug");
    const char *slug = strict_slug(&place);
    refuse_duplicate(element, slug);
    return slug;
}

static bool is_visible_ascii(const char *text)
{
    while (*text > ' ' && *text < 0x7f)
        text++;
    return *text == '\0';
}

static const char *read_code(const struct place *place)
{
    if (!strict_is_given(place))
        return NULL;
    const char *code = strict_text(place, EVENT_FILE_CODE_MOST, false);
    if (!is_visible_ascii(code))
        strict_refuse(place, "bad_code", NULL);
    return code;
}

static void read_ticket_type(const struct event *event, const struct place *element,
                             struct ticket_type *ret_type)
{
    static const char *const keys[] = {"slug", "title", "capacity", "code", "approval", NULL};
    ret_type->slug = "";
    if (!strict_object(element, keys))
        return;
    struct place title = strict_member(element, "title");
    struct place capacity = strict_member(element, "capacity");
    struct place code = strict_member(element, "code");
    struct place approval = strict_member(element, "approval");
    ret_type->slug = read_slug(element);
    ret_type->title = event_file_text(event, &title, EVENT_FILE_NAME_MOST, false);
    ret_type->capacity = strict_integer(&capacity, 0, EVENT_FILE_CAPACITY_MOST, -1);
    ret_type->code = read_code(&code);
    ret_type->approval = strict_boolean(&approval, false);
}

static void make_guest(struct event *event)
{
    struct ticket_type *guest = arena_alloc(&event->arena, sizeof *guest);
    guest->slug = "guest";
    guest->capacity = -1;
    for (size_t i = 0; i < event->language_count; i++)
        guest->title.by_language[i] = strcmp(event->languages[i], "de") == 0 ? "Gast" : "Guest";
    event->ticket_types = guest;
    event->ticket_type_count = 1;
}

void event_file_read_ticket_types(struct event *event, const struct place *place)
{
    size_t count = strict_list(place, EVENT_TICKET_TYPES_MOST);
    if (count == 0) {
        make_guest(event);
        return;
    }
    struct ticket_type *types = arena_alloc(&event->arena, count * sizeof *types);
    for (size_t i = 0; i < count; i++) {
        struct place element = strict_element(place, i);
        read_ticket_type(event, &element, &types[i]);
    }
    event->ticket_types = types;
    event->ticket_type_count = count;
}

static bool is_question_slug(const char *slug)
{
    size_t length = strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-_");
    return slug[length] == '\0' && length >= 1 && length <= EVENT_SLUG_MOST && slug[0] >= 'a' &&
           slug[0] <= 'z' && slug[length - 1] != '-' && slug[length - 1] != '_';
}

/* Names a column of exports and a field of forms, so it begins with a letter and may have "_". */
static const char *read_question_slug(struct event *event, const struct place *element)
{
    struct place place = strict_member(element, "slug");
    const char *slug = json_string_value(place.value);
    if (!strict_is_given(&place))
        strict_refuse(&place, "missing", NULL);
    else if (!slug)
        strict_refuse(&place, "text_expected", NULL);
    else if (!is_question_slug(slug))
        strict_refuse(&place, "bad_question_slug", json_pack("{s:i}", "most", EVENT_SLUG_MOST));
    else {
        refuse_duplicate(element, slug);
        return arena_copy(&event->arena, slug);
    }
    return "";
}

static enum kind_id read_kind(const struct place *place)
{
    enum kind_id kind = KIND_TEXT;
    if (!strict_is_given(place))
        strict_refuse(place, "missing", NULL);
    else if (!kind_asked(json_string_value(place->value), &kind))
        strict_refuse(place, "bad_kind",
                      json_pack("{s:s}", "known", kind_names(place->strict->arena)));
    return kind;
}

static void read_choice(const struct event *event, const struct place *element,
                        struct choice *ret_choice)
{
    static const char *const keys[] = {"slug", "label", NULL};
    ret_choice->slug = "";
    if (!strict_object(element, keys))
        return;
    struct place label = strict_member(element, "label");
    ret_choice->slug = read_slug(element);
    ret_choice->label = event_file_text(event, &label, EVENT_FILE_LABEL_MOST, false);
}

static void read_choices(struct event *event, const struct place *place, struct question *question)
{
    bool chooses = kinds[question->kind].has_choices;
    if (!chooses && strict_is_given(place))
        strict_refuse(place, "no_choices_here", NULL);
    if (!chooses)
        return;
    size_t count = strict_list(place, EVENT_CHOICES_MOST);
    if (!strict_is_given(place) ||
        (json_is_array(place->value) && json_array_size(place->value) == 0))
        strict_refuse(place, "choices_needed", NULL);
    struct choice *choices = arena_alloc(&event->arena, count * sizeof *choices);
    for (size_t i = 0; i < count; i++) {
        struct place element = strict_element(place, i);
        read_choice(event, &element, &choices[i]);
    }
    question->choices = choices;
    question->choice_count = count;
}

/* The answer that shows a question as struct question has it; NULL: no answer it could have. */
static const char *possible_answer(const struct question *earlier, const json_t *answer)
{
    if (earlier->kind == KIND_YES_NO && json_is_boolean(answer))
        return json_is_true(answer) ? "true" : "false";
    const char *slug = json_string_value(answer);
    for (size_t i = 0; slug && i < earlier->choice_count; i++) {
        if (strcmp(earlier->choices[i].slug, slug) == 0)
            return earlier->choices[i].slug;
    }
    return NULL;
}

static void read_shown_if(const struct place *place, const struct question *questions, size_t count,
                          struct question *question)
{
    question->shown_if = -1;
    if (!strict_is_given(place))
        return;
    if (!json_is_object(place->value) || json_object_size(place->value) != 1) {
        strict_refuse(place, "bad_shown_if", NULL);
        return;
    }
    const char *slug = json_object_iter_key(json_object_iter((json_t *)place->value));
    struct place answer = strict_member(place, slug);
    size_t i = 0;
    while (i < count && strcmp(questions[i].slug, slug) != 0)
        i++;
    if (i == count) {
        strict_refuse(&answer, "no_earlier_question", name_data(slug));
        return;
    }
    question->shown_if = (int)i;
    question->shown_if_answer = possible_answer(&questions[i], answer.value);
    if (!question->shown_if_answer)
        strict_refuse(&answer, "impossible_answer", name_data(slug));
}

static void read_question(struct event *event, const struct place *element,
                          const struct question *questions, struct question *ret_question)
{
    static const char *const keys[] = {"slug",     "label",   "hint",    "kind",     "required",
                                       "on_badge", "at_door", "choices", "shown_if", NULL};
    ret_question->slug = "";
    ret_question->shown_if = -1;
    if (!strict_object(element, keys))
        return;
    struct place label = strict_member(element, "label"), hint = strict_member(element, "hint");
    struct place kind = strict_member(element, "kind");
    struct place required = strict_member(element, "required");
    struct place on_badge = strict_member(element, "on_badge");
    struct place at_door = strict_member(element, "at_door");
    struct place choices = strict_member(element, "choices");
    struct place shown_if = strict_member(element, "shown_if");
    ret_question->slug = read_question_slug(event, element);
    ret_question->label = event_file_text(event, &label, EVENT_FILE_LABEL_MOST, false);
    if (strict_is_given(&hint))
        ret_question->hint = event_file_text(event, &hint, EVENT_FILE_LABEL_MOST, false);
    ret_question->kind = read_kind(&kind);
    ret_question->required = strict_boolean(&required, false);
    ret_question->on_badge = strict_boolean(&on_badge, false);
    ret_question->at_door = strict_boolean(&at_door, false);
    read_choices(event, &choices, ret_question);
    read_shown_if(&shown_if, questions, element->index, ret_question);
}

void event_file_read_questions(struct event *event, const struct place *place)
{
    size_t count = strict_list(place, EVENT_QUESTIONS_MOST);
    struct question *questions = arena_alloc(&event->arena, count * sizeof *questions);
    for (size_t i = 0; i < count; i++) {
        struct place element = strict_element(place, i);
        read_question(event, &element, questions, &questions[i]);
    }
    event->questions = questions;
    event->question_count = count;
}

static void read_consent(const struct event *event, const struct place *element,
                         struct consent *ret_consent)
{
    static const char *const keys[] = {"slug", "version", "required", "label", NULL};
    ret_consent->slug = "";
    if (!strict_object(element, keys))
        return;
    struct place version = strict_member(element, "version");
    struct place required = strict_member(element, "required");
    struct place label = strict_member(element, "label");
    ret_consent->slug = read_slug(element);
    ret_consent->version = (int)strict_needed_integer(&version, 1, EVENT_FILE_VERSION_MOST);
    ret_consent->required = strict_boolean(&required, false);
    ret_consent->label = event_file_text(event, &label, EVENT_FILE_WORDING_MOST, true);
}

void event_file_read_consents(struct event *event, const struct place *place)
{
    size_t count = strict_list(place, EVENT_CONSENTS_MOST);
    struct consent *consents = arena_alloc(&event->arena, count * sizeof *consents);
    for (size_t i = 0; i < count; i++) {
        struct place element = strict_element(place, i);
        read_consent(event, &element, &consents[i]);
    }
    event->consents = consents;
    event->consent_count = count;
}

static void read_admitted_types(struct event *event, const struct place *place, struct door *door)
{
    if (!strict_is_given(place))
        return;
    size_t count = strict_list(place, EVENT_TICKET_TYPES_MOST);
    if (json_is_array(place->value) && json_array_size(place->value) == 0)
        strict_refuse(place, "door_for_nobody", NULL);
    const char **types = arena_alloc(&event->arena, (count + 1) * sizeof *types);
    for (size_t i = 0; i < count; i++) {
        struct place element = strict_element(place, i);
        const char *slug = json_string_value(element.value);
        const struct ticket_type *type = slug ? event_ticket_type(event, slug) : NULL;
        if (!slug)
            strict_refuse(&element, "text_expected", NULL);
        else if (!type)
            strict_refuse(&element, "unknown_ticket_type", name_data(slug));
        else if (door->ticket_type_count > 0 && door_admits(door, slug))
            strict_refuse(&element, "duplicate", name_data(slug));
        else
            types[door->ticket_type_count++] = type->slug;
        door->ticket_types = types;
    }
}

static void read_door(struct event *event, const struct place *element, struct door *ret_door)
{
    static const char *const keys[] = {"slug", "title", "ticket_types", NULL};
    ret_door->slug = "";
    if (!strict_object(element, keys))
        return;
    struct place title = strict_member(element, "title");
    struct place ticket_types = strict_member(element, "ticket_types");
    ret_door->slug = read_slug(element);
    ret_door->title = event_file_text(event, &title, EVENT_FILE_NAME_MOST, false);
    read_admitted_types(event, &ticket_types, ret_door);
}

void event_file_read_doors(struct event *event, const struct place *place)
{
    size_t count = strict_list(place, EVENT_DOORS_MOST);
    struct door *doors = arena_alloc(&event->arena, count * sizeof *doors);
    for (size_t i = 0; i < count; i++) {
        struct place element = strict_element(place, i);
        read_door(event, &element, &doors[i]);
    }
    event->doors = doors;
    event->door_count = count;
}
