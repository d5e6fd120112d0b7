#include "event/event_file.h"

#include "base/memory.h"
#include "base/text.h"
#include "event/event_file_parts.h"
#include "event/events.h"

enum { LANGUAGE_MOST = 11, ZONE_MOST = 64 };

/* "de", "pt-BR", "zh-Hant": language, script and region of RFC 5646. */
static bool is_language(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    if (length < 2 || length > 3 || strlen(text) > LANGUAGE_MOST)
        return false;
    for (text += length; *text == '-'; text += length) {
        text++;
        length = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
        if (length < 2 || length > 4)
            return false;
    }
    return *text == '\0';
}

static void read_languages(struct event *event, const struct place *place)
{
    if (!strict_is_given(place)) {
        strict_refuse(place, "missing", NULL);
        return;
    }
    size_t count = strict_list(place, EVENT_LANGUAGES_MOST);
    if (count == 0 && json_is_array(place->value) && json_array_size(place->value) == 0)
        strict_refuse(place, "empty", NULL);
    for (size_t i = 0; i < count; i++) {
        struct place here = strict_element(place, i);
        const char *language = json_string_value(here.value);
        if (!language || !is_language(language))
            strict_refuse(&here, "bad_language", NULL);
        else if (event_has_language(event, language))
            strict_refuse(&here, "duplicate", json_pack("{s:s}", "name", language));
        else
            event->languages[event->language_count++] = arena_copy(&event->arena, language);
    }
}

static json_t *languages_data(const struct event *event)
{
    char names[EVENT_LANGUAGES_MOST * (LANGUAGE_MOST + 3)] = "";
    size_t length = 0;
    for (size_t i = 0; i < event->language_count; i++)
        length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", i > 0 ? ", " : "",
                                   event->languages[i]);
    return json_pack("{s:s}", "languages", names);
}

static void read_texts(const struct event *event, const struct place *place, size_t most,
                       bool lines_allowed, struct event_text *text)
{
    const char *key;
    json_t *value;
    size_t known = 0;
    json_object_foreach ((json_t *)place->value, key, value) {
        struct place here = strict_member(place, key);
        const char *said = strict_text(&here, most, lines_allowed);
        size_t i = 0;
        while (i < event->language_count && strcmp(event->languages[i], key) != 0)
            i++;
        if (i < event->language_count) {
            text->by_language[i] = said;
            known++;
        } else if (event->language_count > 0) {
            strict_refuse(&here, "other_language", languages_data(event));
        }
    }
    if (known == 0 && json_object_size(place->value) == 0)
        strict_refuse(place, "no_language", languages_data(event));
}

struct event_text event_file_text(const struct event *event, const struct place *place, size_t most,
                                  bool lines_allowed)
{
    struct event_text text = {0};
    if (json_is_object(place->value)) {
        read_texts(event, place, most, lines_allowed, &text);
    } else {
        const char *said = strict_text(place, most, lines_allowed);
        for (size_t i = 0; i < event->language_count; i++)
            text.by_language[i] = said;
    }
    return text;
}

static struct event_text optional_text(const struct event *event, const struct place *document,
                                       const char *key, size_t most, bool lines_allowed)
{
    struct place place = strict_member(document, key);
    if (!strict_is_given(&place))
        return (struct event_text){0};
    return event_file_text(event, &place, most, lines_allowed);
}

static void read_organiser(struct event *event, const struct place *place)
{
    static const char *const keys[] = {"slug", "name", NULL};
    if (!strict_object(place, keys))
        return;
    struct place slug = strict_member(place, "slug"), name = strict_member(place, "name");
    event->organiser_slug = strict_slug(&slug);
    event->organiser_name = strict_text(&name, EVENT_FILE_NAME_MOST, false);
}

static void read_venue(struct event *event, const struct place *place)
{
    static const char *const keys[] = {"name", "address", NULL};
    if (!strict_is_given(place) || !strict_object(place, keys))
        return;
    struct place name = strict_member(place, "name"), address = strict_member(place, "address");
    event->venue_name = strict_text(&name, EVENT_FILE_NAME_MOST, false);
    if (strict_is_given(&address))
        event->venue_address = strict_text(&address, EVENT_FILE_SUMMARY_MOST, false);
}

/* Whether both are there and the later one is not later. Local times are ordered like texts. */
static bool is_not_after(const char *later, const char *earlier)
{
    return later && earlier && strcmp(later, earlier) <= 0;
}

static const char *needed_time(const struct place *place)
{
    if (!strict_is_given(place))
        strict_refuse(place, "missing", NULL);
    return strict_local_time(place);
}

static void read_times(struct event *event, const struct place *document)
{
    struct place zone = strict_member(document, "timezone");
    struct place starts = strict_member(document, "starts_at");
    struct place ends = strict_member(document, "ends_at");
    event->timezone = strict_text(&zone, ZONE_MOST, false);
    event->starts_at = needed_time(&starts);
    event->ends_at = needed_time(&ends);
    if (is_not_after(event->ends_at, event->starts_at))
        strict_refuse(&ends, "ends_before_start", json_pack("{s:s}", "starts", event->starts_at));
}

static void read_registration_window(struct event *event, const struct place *place)
{
    struct place opens = strict_member(place, "opens_at"),
                 closes = strict_member(place, "closes_at");
    event->opens_at = strict_local_time(&opens);
    event->closes_at = strict_local_time(&closes);
    if (is_not_after(event->closes_at, event->opens_at))
        strict_refuse(&closes, "closes_before_opening",
                      json_pack("{s:s}", "opens", event->opens_at));
    else if (!strict_is_given(&closes) && is_not_after(event->ends_at, event->opens_at))
        strict_refuse(&opens, "opens_after_end", json_pack("{s:s}", "ends", event->ends_at));
}

static void read_registration(struct event *event, const struct place *place)
{
    static const char *const keys[] = {
        "opens_at", "closes_at",    "capacity",     "waiting_list",   "once_per_email",
        "approval", "verify_email", "verify_hours", "most_attendees", "changes_until",
        NULL};
    event->capacity = -1;
    event->most_attendees = 1;
    event->verify_hours = EVENT_FILE_VERIFY_HOURS;
    if (!strict_is_given(place) || !strict_object(place, keys))
        return;
    read_registration_window(event, place);
    struct place capacity = strict_member(place, "capacity");
    struct place waiting_list = strict_member(place, "waiting_list");
    struct place once = strict_member(place, "once_per_email");
    struct place approval = strict_member(place, "approval");
    struct place verify = strict_member(place, "verify_email");
    struct place hours = strict_member(place, "verify_hours");
    struct place most = strict_member(place, "most_attendees");
    struct place changes = strict_member(place, "changes_until");
    event->capacity = strict_integer(&capacity, 0, EVENT_FILE_CAPACITY_MOST, -1);
    event->waiting_list = strict_boolean(&waiting_list, false);
    event->once_per_email = strict_boolean(&once, false);
    event->approval = strict_boolean(&approval, false);
    event->verify_email = strict_boolean(&verify, false);
    event->verify_hours =
        (int)strict_integer(&hours, 1, EVENT_FILE_HOURS_MOST, EVENT_FILE_VERIFY_HOURS);
    event->most_attendees = (int)strict_integer(&most, 1, EVENT_FILE_ATTENDEES_MOST, 1);
    event->changes_until = strict_local_time(&changes);
}

static void read_check_in(struct event *event, const struct place *place)
{
    static const char *const keys[] = {"opens_at", "closes_at", NULL};
    if (!strict_is_given(place) || !strict_object(place, keys))
        return;
    struct place opens = strict_member(place, "opens_at"),
                 closes = strict_member(place, "closes_at");
    event->check_in_opens_at = strict_local_time(&opens);
    event->check_in_closes_at = strict_local_time(&closes);
    if (is_not_after(event->check_in_closes_at, event->check_in_opens_at))
        strict_refuse(&closes, "closes_before_opening",
                      json_pack("{s:s}", "opens", event->check_in_opens_at));
    if (is_not_after(event->ends_at, event->check_in_opens_at))
        strict_refuse(&opens, "opens_after_end", json_pack("{s:s}", "ends", event->ends_at));
    if (is_not_after(event->check_in_closes_at, event->starts_at))
        strict_refuse(&closes, "closes_before_start",
                      json_pack("{s:s}", "starts", event->starts_at));
}

static void read_lists(struct event *event, const struct place *document)
{
    struct place ticket_types = strict_member(document, "ticket_types");
    struct place questions = strict_member(document, "questions");
    struct place consents = strict_member(document, "consents");
    struct place doors = strict_member(document, "doors");
    event_file_read_ticket_types(event, &ticket_types);
    event_file_read_questions(event, &questions);
    event_file_read_consents(event, &consents);
    event_file_read_doors(event, &doors);
}

static void read_document(struct event *event, const struct place *document)
{
    struct place organiser = strict_member(document, "organiser");
    struct place slug = strict_member(document, "slug");
    struct place languages = strict_member(document, "languages");
    struct place title = strict_member(document, "title");
    struct place venue = strict_member(document, "venue");
    struct place registration = strict_member(document, "registration");
    struct place check_in = strict_member(document, "check_in");
    struct place retention = strict_member(document, "retention_days");
    struct place published = strict_member(document, "published");
    struct place cancelled = strict_member(document, "cancelled");
    read_organiser(event, &organiser);
    event->slug = strict_slug(&slug);
    read_languages(event, &languages); /* before all texts, which are checked against them */
    event->title = event_file_text(event, &title, EVENT_FILE_NAME_MOST, false);
    event->summary = optional_text(event, document, "summary", EVENT_FILE_SUMMARY_MOST, false);
    event->description =
        optional_text(event, document, "description", EVENT_FILE_DESCRIPTION_MOST, true);
    read_venue(event, &venue);
    read_times(event, document); /* before the windows, which are checked against them */
    read_registration(event, &registration);
    read_check_in(event, &check_in);
    read_lists(event, document);
    event->retention_days = (int)strict_integer(&retention, 0, EVENT_FILE_RETENTION_MOST, -1);
    event->published = strict_boolean(&published, true);
    event->cancelled = strict_boolean(&cancelled, false);
    event_file_read_reach(event, document);
}

static struct event *read_file(const json_t *file, bool passes_unknown, struct findings *findings)
{
    static const char *const keys[] = {"organiser",
                                       "slug",
                                       "title",
                                       "summary",
                                       "description",
                                       "venue",
                                       "timezone",
                                       "starts_at",
                                       "ends_at",
                                       "published",
                                       "registration",
                                       "check_in",
                                       "languages",
                                       "ticket_types",
                                       "questions",
                                       "consents",
                                       "doors",
                                       "retention_days",
                                       "cancelled",
                                       "reply_to",
                                       "embed_on",
                                       "reminder_hours",
                                       NULL};
    struct event *event = memory_alloc(sizeof *event);
    arena_init(&event->arena);
    event->references = 1;
    const struct strict strict = {
        .arena = &event->arena, .findings = findings, .passes_unknown = passes_unknown};
    struct place document = strict_document(&strict, file);
    if (strict_object(&document, keys))
        read_document(event, &document);
    if (!findings_any(findings))
        return event;
    events_release(event);
    return NULL;
}

struct event *event_file_read(const json_t *file, struct findings *findings)
{
    return read_file(file, false, findings);
}

struct event *event_file_read_stored(const json_t *definition, struct findings *findings)
{
    return read_file(definition, true, findings);
}
