/* The lists of an event file, and texts by language. */
#include "event/event_file_parts.h"

json_t *event_file_name(const char *name)
{
    return json_pack("{s:s}", "name", name);
}

/* --- Texts ----------------------------------------------------------------------------------- */

static json_t *languages_data(const struct event *event)
{
    char names[EVENT_LANGUAGES_MOST * (EVENT_FILE_LANGUAGE_MOST + 3)] = "";
    size_t length = 0;
    for (size_t i = 0; i < event->language_count; i++)
        length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", i > 0 ? ", " : "",
                                   event->languages[i]);
    return json_pack("{s:s}", "languages", names);
}

static void read_by_language(const struct form_place *place, const struct form_field *field,
                             struct event_text *text)
{
    const struct event *event = place->reading->context;
    struct form_field needed = *field;
    const char *key;
    json_t *value;
    needed.need = FORM_NEEDED;
    if (json_object_size(place->value) == 0)
        form_refuse_here(place, "no_language", languages_data(event));
    json_object_foreach ((json_t *)place->value, key, value) {
        struct form_place here = form_member(place, key);
        const char *said = NULL;
        size_t i = 0;
        form_read_value(&here, &needed, &said);
        while (i < event->language_count && strcmp(event->languages[i], key) != 0)
            i++;
        if (i < event->language_count)
            text->by_language[i] = said;
        else if (event->language_count > 0)
            form_refuse_here(&here, "other_language", languages_data(event));
    }
}

void event_file_read_text(const struct form_place *place, const struct form_field *field,
                          void *values)
{
    const struct event *event = place->reading->context;
    struct event_text *text = (struct event_text *)((char *)values + field->at);
    const char *said = NULL;
    if (json_is_object(place->value))
        read_by_language(place, field, text);
    else if (form_read_value(place, field, &said)) {
        for (size_t i = 0; i < event->language_count; i++)
            text->by_language[i] = said;
    }
}

json_t *event_file_write_text(const struct form_field *field, const void *values,
                              const void *context)
{
    const struct event *event = context;
    const struct event_text *text = (const struct event_text *)((const char *)values + field->at);
    json_t *object = json_object();
    for (size_t i = 0; i < event->language_count; i++) {
        if (text->by_language[i])
            json_object_set_new(object, event->languages[i], json_string(text->by_language[i]));
    }
    if (json_object_size(object) > 0)
        return object;
    json_decref(object);
    return NULL;
}

/* --- Slugs ----------------------------------------------------------------------------------- */

/* A refused slug becomes "". */
void event_file_check_slug(const struct form_place *element, void *values)
{
    const char *slug = *(const char *const *)values;
    for (size_t i = 0; *slug && i < element->index; i++) {
        const json_t *earlier = json_array_get(element->above->value, i);
        const char *other = json_string_value(json_object_get(earlier, "slug"));
        if (other && strcmp(other, slug) == 0) {
            form_refuse_at(element, "slug", "duplicate", event_file_name(slug));
            return;
        }
    }
}

/* --- Ticket types ---------------------------------------------------------------------------- */

static const struct form_field ticket_type_fields[] = {
    {SLUG_AT(struct ticket_type)},
    {"title", KIND_TEXT, TEXT_AT(struct ticket_type, title, EVENT_FILE_NAME_MOST),
     .need = FORM_NEEDED},
    {"capacity", KIND_INTEGER, FORM_AT(struct ticket_type, capacity),
     .most = EVENT_FILE_CAPACITY_MOST},
    {"code", KIND_TEXT, FORM_AT(struct ticket_type, code), .most = EVENT_FILE_CODE_MOST},
    {"approval", KIND_BOOLEAN, FORM_AT(struct ticket_type, approval), .written = FORM_CHANGED},
    {"days", KIND_DATE, FORM_AT(struct ticket_type, days),
     FORM_COUNT_AT(struct ticket_type, day_count), .shape = FORM_LIST, .items_least = 1,
     .items_most = EVENT_DAYS_MOST, .needed = "ticket_for_no_day", .wrong = "bad_day",
     .written = FORM_CHANGED},
};

static void check_days(const struct form_place *element, const struct ticket_type *type)
{
    for (size_t i = 0; i < type->day_count; i++) {
        for (size_t earlier = 0; type->days[i] && earlier < i; earlier++) {
            if (!type->days[earlier] || strcmp(type->days[earlier], type->days[i]) != 0)
                continue;
            form_refuse_at(element, "days", "duplicate", event_file_name(type->days[i]));
            return;
        }
    }
}

static void check_ticket_type(const struct form_place *element, void *values)
{
    const struct ticket_type *type = values;
    event_file_check_slug(element, values);
    check_days(element, type);
    for (const char *at = type->code; at && *at; at++) {
        if (*at > ' ' && *at < 0x7f)
            continue;
        form_refuse_at(element, "code", "bad_code", NULL);
        return;
    }
}

const struct form event_file_ticket_type =
    FORM(struct ticket_type, ticket_type_fields, .check = check_ticket_type,
         .initial = &(const struct ticket_type){.slug = "", .capacity = -1});

void event_file_read_ticket_types(const struct form_place *place, const struct form_field *field,
                                  void *values)
{
    struct event *event = values;
    form_read_list(place, field, values);
    if (event->ticket_type_count > 0)
        return;
    struct ticket_type *guest = arena_alloc(&event->arena, sizeof *guest);
    *guest = (struct ticket_type){.slug = "guest", .capacity = -1};
    for (size_t i = 0; i < event->language_count; i++)
        guest->title.by_language[i] = strcmp(event->languages[i], "de") == 0 ? "Gast" : "Guest";
    event->ticket_types = guest;
    event->ticket_type_count = 1;
}

/* --- Questions ------------------------------------------------------------------------------- */

static const struct form_field choice_fields[] = {
    {SLUG_AT(struct choice)},
    {"label", KIND_TEXT, TEXT_AT(struct choice, label, EVENT_FILE_LABEL_MOST), .need = FORM_NEEDED},
};
static const struct form choice_form =
    FORM(struct choice, choice_fields, .check = event_file_check_slug,
         .initial = &(const struct choice){.slug = ""});

static void read_kind(const struct form_place *place, const struct form_field *field, void *values)
{
    struct question *question = values;
    (void)field;
    if (!form_is_given(place))
        form_refuse_here(place, "missing", NULL);
    else if (!kind_asked(json_string_value(place->value), &question->kind))
        form_refuse_here(place, "bad_kind",
                         json_pack("{s:s}", "known", kind_names(place->reading->arena)));
}

static json_t *write_kind(const struct form_field *field, const void *values, const void *context)
{
    (void)field;
    (void)context;
    return json_string(kinds[((const struct question *)values)->kind].name);
}

static void read_choices(const struct form_place *place, const struct form_field *field,
                         void *values)
{
    const struct question *question = values;
    if (kinds[question->kind].has_choices)
        form_read_list(place, field, values);
    else if (form_is_given(place))
        form_refuse_here(place, "no_choices_here", NULL);
}

/* Returns question.shown_if_answer, or NULL if the earlier question cannot have that answer. */
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

/* While the list is read, event.questions holds only the questions before this one. */
static void read_shown_if(const struct form_place *place, const struct form_field *field,
                          void *values)
{
    const struct event *event = place->reading->context;
    struct question *question = values;
    (void)field;
    if (!form_is_given(place))
        return;
    if (!json_is_object(place->value) || json_object_size(place->value) != 1) {
        form_refuse_here(place, "bad_shown_if", NULL);
        return;
    }
    const char *slug = json_object_iter_key(json_object_iter((json_t *)place->value));
    struct form_place answer = form_member(place, slug);
    const struct question *earlier = event_question(event, slug);
    if (!earlier) {
        form_refuse_here(&answer, "no_earlier_question", event_file_name(slug));
        return;
    }
    question->shown_if = (int)(earlier - event->questions);
    question->shown_if_answer = possible_answer(earlier, answer.value);
    if (!question->shown_if_answer)
        form_refuse_here(&answer, "impossible_answer", event_file_name(slug));
}

static json_t *write_shown_if(const struct form_field *field, const void *values,
                              const void *context)
{
    const struct event *event = context;
    const struct question *question = values;
    (void)field;
    if (question->shown_if < 0)
        return NULL;
    const struct question *earlier = &event->questions[question->shown_if];
    json_t *answer = earlier->kind == KIND_YES_NO
                         ? json_boolean(strcmp(question->shown_if_answer, "true") == 0)
                         : json_string(question->shown_if_answer);
    return json_pack("{s:o}", earlier->slug, answer);
}

static void read_asked_by(const struct form_place *place, const struct form_field *field,
                          void *values)
{
    struct question *question = values;
    const char *who = json_string_value(place->value);
    (void)field;
    question->by_organiser = who && strcmp(who, "organiser") == 0;
    if (form_is_given(place) && !question->by_organiser && !(who && strcmp(who, "guest") == 0))
        form_refuse_here(place, "bad_asked_by", NULL);
}

static json_t *write_asked_by(const struct form_field *field, const void *values,
                              const void *context)
{
    (void)field;
    (void)context;
    return ((const struct question *)values)->by_organiser ? json_string("organiser") : NULL;
}

static const struct form_field question_fields[] = {
    {"slug", KIND_RAW, FORM_AT(struct question, slug), .need = FORM_NEEDED},
    {"label", KIND_TEXT, TEXT_AT(struct question, label, EVENT_FILE_LABEL_MOST),
     .need = FORM_NEEDED},
    {"hint", KIND_TEXT, TEXT_AT(struct question, hint, EVENT_FILE_LABEL_MOST)},
    {"kind", .read = read_kind, .write = write_kind},
    {"required", KIND_BOOLEAN, FORM_AT(struct question, required)},
    {"asked_by", .read = read_asked_by, .write = write_asked_by},
    {"on_badge", KIND_BOOLEAN, FORM_AT(struct question, on_badge), .written = FORM_CHANGED},
    {"at_door", KIND_BOOLEAN, FORM_AT(struct question, at_door), .written = FORM_CHANGED},
    {"needed_at_door", KIND_BOOLEAN, FORM_AT(struct question, needed_at_door),
     .written = FORM_CHANGED},
    {"choices", LIST_AT(struct question, choices, choice_count, choice_form, EVENT_CHOICES_MOST),
     .need = FORM_NEEDED, .items_least = 1, .needed = "choices_needed", .read = read_choices,
     .written = FORM_CHANGED},
    {"by_heart", KIND_BOOLEAN, FORM_AT(struct question, by_heart), .written = FORM_CHANGED},
    {"shown_if", .read = read_shown_if, .write = write_shown_if},
};

/* The slug names a column of exports and a field of forms, so it begins with a letter and may
 * contain "_". */
static bool is_question_slug(const char *slug)
{
    size_t length = strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-_");
    return slug[length] == '\0' && length >= 1 && length <= EVENT_SLUG_MOST && slug[0] >= 'a' &&
           slug[0] <= 'z' && slug[length - 1] != '-' && slug[length - 1] != '_';
}

/* Nobody can make an organiser answer, and guests must not learn the answer of an organiser. */
static void check_asked_by(const struct form_place *element, const struct question *question)
{
    const struct event *event = element->reading->context;
    if (question->by_organiser && question->required)
        form_refuse_at(element, "required", "required_of_organiser", NULL);
    if (question->by_organiser && question->needed_at_door)
        form_refuse_at(element, "needed_at_door", "needed_of_organiser", NULL);
    if (question->shown_if >= 0 && !question->by_organiser &&
        event->questions[question->shown_if].by_organiser)
        form_refuse_at(element, "shown_if", "shown_if_organiser",
                       event_file_name(event->questions[question->shown_if].slug));
}

static void check_question(const struct form_place *element, void *values)
{
    struct question *question = values;
    check_asked_by(element, question);
    if (question->by_heart && question->kind != KIND_DATE) {
        form_refuse_at(element, "by_heart", "by_heart_not_date", NULL);
        question->by_heart = false;
    }
    const char *slug = json_string_value(json_object_get(element->value, "slug"));
    if (slug && !is_question_slug(slug))
        form_refuse_at(element, "slug", "bad_question_slug",
                       json_pack("{s:i}", "most", EVENT_SLUG_MOST));
    else
        event_file_check_slug(element, values);
}

const struct form event_file_question =
    FORM(struct question, question_fields, .check = check_question,
         .initial = &(const struct question){.slug = "", .shown_if = -1});

/* --- Consents and doors ---------------------------------------------------------------------- */

static const struct form_field consent_fields[] = {
    {SLUG_AT(struct consent)},
    {"version", KIND_INTEGER, FORM_AT(struct consent, version), .need = FORM_NEEDED, .least = 1,
     .most = EVENT_FILE_VERSION_MOST},
    {"required", KIND_BOOLEAN, FORM_AT(struct consent, required)},
    {"needed_at_door", KIND_BOOLEAN, FORM_AT(struct consent, needed_at_door),
     .written = FORM_CHANGED},
    {"shows_name", KIND_BOOLEAN, FORM_AT(struct consent, shows_name), .written = FORM_CHANGED},
    {"label", KIND_LONG_TEXT, TEXT_AT(struct consent, label, EVENT_FILE_WORDING_MOST),
     .need = FORM_NEEDED},
};

/* Nobody has to appear on the page to take part, and one wording says what is shown. While the list
 * is read, event.consents holds only the consents before this one. */
static void check_consent(const struct form_place *element, void *values)
{
    const struct consent *consent = values;
    const struct event *event = element->reading->context;
    event_file_check_slug(element, values);
    if (consent->shows_name && consent->required)
        form_refuse_at(element, "required", "required_to_show_name", NULL);
    if (consent->shows_name && event_consent_to_names(event))
        form_refuse_at(element, "shows_name", "shows_name_twice",
                       event_file_name(event_consent_to_names(event)->slug));
}

const struct form event_file_consent = FORM(struct consent, consent_fields, .check = check_consent,
                                            .initial = &(const struct consent){.slug = ""});

static void read_admitted(const struct form_place *place, const struct form_field *field,
                          void *values)
{
    const struct event *event = place->reading->context;
    struct door *door = values;
    size_t count = form_list(place, field);
    const char **types = arena_alloc(place->reading->arena, (count + 1) * sizeof *types);
    for (size_t i = 0; i < count; i++) {
        struct form_place element = form_element(place, i);
        const char *slug = json_string_value(element.value);
        const struct ticket_type *type = slug ? event_ticket_type(event, slug) : NULL;
        if (!slug)
            form_refuse_here(&element, "text_expected", NULL);
        else if (!type)
            form_refuse_here(&element, "unknown_ticket_type", event_file_name(slug));
        else if (door->ticket_type_count > 0 && door_admits(door, slug))
            form_refuse_here(&element, "duplicate", event_file_name(slug));
        else
            types[door->ticket_type_count++] = type->slug;
        door->ticket_types = types;
    }
}

static const struct form_field door_fields[] = {
    {SLUG_AT(struct door)},
    {"title", KIND_TEXT, TEXT_AT(struct door, title, EVENT_FILE_NAME_MOST), .need = FORM_NEEDED},
    {"ticket_types", KIND_TEXT, FORM_AT(struct door, ticket_types),
     FORM_COUNT_AT(struct door, ticket_type_count), .shape = FORM_LIST, .items_least = 1,
     .items_most = EVENT_TICKET_TYPES_MOST, .needed = "door_for_nobody", .read = read_admitted,
     .written = FORM_CHANGED},
};
const struct form event_file_door = FORM(struct door, door_fields, .check = event_file_check_slug,
                                         .initial = &(const struct door){.slug = ""});
