#include "event/event_file_parts.h"

static json_t *text_json(const struct event *event, const struct event_text *text)
{
    json_t *object = json_object();
    for (size_t i = 0; i < event->language_count; i++) {
        if (text->by_language[i])
            json_object_set_new(object, event->languages[i], json_string(text->by_language[i]));
    }
    return object;
}

static void set_text(json_t *object, const char *key, const struct event *event,
                     const struct event_text *text)
{
    json_object_set_new(object, key, text_json(event, text));
}

/* Only where it was said in some language. */
static void set_given_text(json_t *object, const char *key, const struct event *event,
                           const struct event_text *text)
{
    if (*event_text(event, text, NULL) != '\0')
        set_text(object, key, event, text);
}

static void set_string(json_t *object, const char *key, const char *text)
{
    if (text)
        json_object_set_new(object, key, json_string(text));
}

static void set_true(json_t *object, const char *key, bool value)
{
    if (value)
        json_object_set_new(object, key, json_true());
}

static json_t *registration_json(const struct event *event)
{
    json_t *json = json_object();
    set_string(json, "opens_at", event->opens_at);
    set_string(json, "closes_at", event->closes_at);
    json_object_set_new(json, "capacity",
                        event->capacity < 0 ? json_null() : json_integer(event->capacity));
    json_object_set_new(json, "waiting_list", json_boolean(event->waiting_list));
    json_object_set_new(json, "once_per_email", json_boolean(event->once_per_email));
    json_object_set_new(json, "approval", json_boolean(event->approval));
    json_object_set_new(json, "verify_email", json_boolean(event->verify_email));
    if (event->verify_hours != EVENT_FILE_VERIFY_HOURS)
        json_object_set_new(json, "verify_hours", json_integer(event->verify_hours));
    json_object_set_new(json, "most_attendees", json_integer(event->most_attendees));
    set_string(json, "changes_until", event->changes_until);
    return json;
}

static json_t *check_in_json(const struct event *event)
{
    json_t *json = json_object();
    set_string(json, "opens_at", event->check_in_opens_at);
    set_string(json, "closes_at", event->check_in_closes_at);
    return json;
}

static json_t *ticket_type_json(const struct event *event, const struct ticket_type *type)
{
    json_t *json = json_pack("{s:s}", "slug", type->slug);
    set_text(json, "title", event, &type->title);
    if (type->capacity >= 0)
        json_object_set_new(json, "capacity", json_integer(type->capacity));
    set_string(json, "code", type->code);
    set_true(json, "approval", type->approval);
    return json;
}

static json_t *choices_json(const struct event *event, const struct question *question)
{
    json_t *list = json_array();
    for (size_t i = 0; i < question->choice_count; i++) {
        json_t *choice = json_pack("{s:s}", "slug", question->choices[i].slug);
        set_text(choice, "label", event, &question->choices[i].label);
        json_array_append_new(list, choice);
    }
    return list;
}

static json_t *shown_if_json(const struct event *event, const struct question *question)
{
    const struct question *earlier = &event->questions[question->shown_if];
    json_t *answer = earlier->kind == KIND_YES_NO
                         ? json_boolean(strcmp(question->shown_if_answer, "true") == 0)
                         : json_string(question->shown_if_answer);
    return json_pack("{s:o}", earlier->slug, answer);
}

static json_t *question_json(const struct event *event, const struct question *question)
{
    json_t *json = json_pack("{s:s}", "slug", question->slug);
    set_text(json, "label", event, &question->label);
    set_given_text(json, "hint", event, &question->hint);
    set_string(json, "kind", kinds[question->kind].name);
    json_object_set_new(json, "required", json_boolean(question->required));
    set_true(json, "on_badge", question->on_badge);
    set_true(json, "at_door", question->at_door);
    if (question->choices)
        json_object_set_new(json, "choices", choices_json(event, question));
    if (question->shown_if >= 0)
        json_object_set_new(json, "shown_if", shown_if_json(event, question));
    return json;
}

static json_t *consent_json(const struct event *event, const struct consent *consent)
{
    json_t *json = json_pack("{s:s, s:i, s:b}", "slug", consent->slug, "version", consent->version,
                             "required", consent->required);
    set_text(json, "label", event, &consent->label);
    return json;
}

static json_t *door_json(const struct event *event, const struct door *door)
{
    json_t *json = json_pack("{s:s}", "slug", door->slug);
    set_text(json, "title", event, &door->title);
    if (door->ticket_types) {
        json_t *types = json_array();
        for (size_t i = 0; i < door->ticket_type_count; i++)
            json_array_append_new(types, json_string(door->ticket_types[i]));
        json_object_set_new(json, "ticket_types", types);
    }
    return json;
}

static void set_reach(json_t *file, const struct event *event)
{
    json_t *origins = json_array();
    for (size_t i = 0; i < event->embed_on_count; i++)
        json_array_append_new(origins, json_string(event->embed_on[i]));
    set_string(file, "reply_to", event->reply_to);
    if (event->reminder_hours != EVENT_FILE_REMINDER_HOURS)
        json_object_set_new(file, "reminder_hours", json_integer(event->reminder_hours));
    if (event->embed_on_count > 0)
        json_object_set(file, "embed_on", origins);
    json_decref(origins);
}

static void set_head(json_t *file, const struct event *event)
{
    json_object_set_new(
        file, "organiser",
        json_pack("{s:s, s:s}", "slug", event->organiser_slug, "name", event->organiser_name));
    set_string(file, "slug", event->slug);
    set_text(file, "title", event, &event->title);
    set_given_text(file, "summary", event, &event->summary);
    set_given_text(file, "description", event, &event->description);
    if (event->venue_name) {
        json_t *venue = json_pack("{s:s}", "name", event->venue_name);
        set_string(venue, "address", event->venue_address);
        json_object_set_new(file, "venue", venue);
    }
    set_string(file, "timezone", event->timezone);
    set_string(file, "starts_at", event->starts_at);
    set_string(file, "ends_at", event->ends_at);
    if (!event->published)
        json_object_set_new(file, "published", json_false());
    set_true(file, "cancelled", event->cancelled);
    set_reach(file, event);
    json_object_set_new(file, "registration", registration_json(event));
    if (event->check_in_opens_at || event->check_in_closes_at)
        json_object_set_new(file, "check_in", check_in_json(event));
}

json_t *event_file_write(const struct event *event)
{
    json_t *file = json_object(), *languages = json_array();
    json_t *ticket_types = json_array(), *questions = json_array();
    json_t *consents = json_array(), *doors = json_array();
    set_head(file, event);
    for (size_t i = 0; i < event->language_count; i++)
        json_array_append_new(languages, json_string(event->languages[i]));
    for (size_t i = 0; i < event->ticket_type_count; i++)
        json_array_append_new(ticket_types, ticket_type_json(event, &event->ticket_types[i]));
    for (size_t i = 0; i < event->question_count; i++)
        json_array_append_new(questions, question_json(event, &event->questions[i]));
    for (size_t i = 0; i < event->consent_count; i++)
        json_array_append_new(consents, consent_json(event, &event->consents[i]));
    for (size_t i = 0; i < event->door_count; i++)
        json_array_append_new(doors, door_json(event, &event->doors[i]));
    json_object_set_new(file, "languages", languages);
    json_object_set_new(file, "ticket_types", ticket_types);
    json_object_set_new(file, "questions", questions);
    json_object_set_new(file, "consents", consents);
    json_object_set_new(file, "doors", doors);
    if (event->retention_days >= 0)
        json_object_set_new(file, "retention_days", json_integer(event->retention_days));
    return file;
}
