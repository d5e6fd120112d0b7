/* The fields of an event file, without its lists (event_file_lists.c). */
#include "event/event_file_parts.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/timezone.h"
#include "event/events.h"
#include "event/mail_words.h"
#include "http/router.h"

enum { ZONE_MOST = 64 };

/* --- Languages ------------------------------------------------------------------------------- */

/* Language, script and region of RFC 5646, like "de", "pt-BR" and "zh-Hant". */
static bool is_language(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    if (length < 2 || length > 3 || strlen(text) > EVENT_FILE_LANGUAGE_MOST)
        return false;
    for (text += length; *text == '-'; text += length) {
        text++;
        length = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
        if (length < 2 || length > 4)
            return false;
    }
    return *text == '\0';
}

/* The languages are read first, because texts are checked against them. */
static void read_languages(const struct form_place *document, struct event *event)
{
    static const struct form_field field = {
        .need = FORM_NEEDED, .items_least = 1, .items_most = EVENT_LANGUAGES_MOST};
    struct form_place place = form_member(document, "languages");
    size_t count = form_list(&place, &field);
    for (size_t i = 0; i < count; i++) {
        struct form_place here = form_element(&place, i);
        const char *language = json_string_value(here.value);
        if (!language || !is_language(language))
            form_refuse_here(&here, "bad_language", NULL);
        else if (event_has_language(event, language))
            form_refuse_here(&here, "duplicate", event_file_name(language));
        else
            event->languages[event->language_count++] = arena_copy(&event->arena, language);
    }
}

static json_t *write_languages(const struct form_field *field, const void *values,
                               const void *context)
{
    const struct event *event = values;
    json_t *list = json_array();
    (void)field;
    (void)context;
    for (size_t i = 0; i < event->language_count; i++)
        json_array_append_new(list, json_string(event->languages[i]));
    return list;
}

/* --- The event ------------------------------------------------------------------------------- */

static const struct event defaults = {
    .published = true,
    .daily = true,
    .capacity = -1,
    .most_attendees = 1,
    .verify_hours = EVENT_FILE_VERIFY_HOURS,
    .reminder_hours = EVENT_FILE_REMINDER_HOURS,
    .retention_days = -1,
};

#define EVENT_FORM(table, ...) FORM(struct event, table, .initial = &defaults, __VA_ARGS__)

/* --- Times ----------------------------------------------------------------------------------- */

/* Which of the two moments the offset of a time means; -1: none. */
static int moment_meant(const struct timezone_moment *moment, const struct clock_local *local)
{
    if (!local->has_offset)
        return moment->times == 2 ? -1 : 0;
    for (int i = 0; i < moment->times; i++)
        if (moment->offset_s[i] == local->offset_s)
            return i;
    return -1;
}

static int64_t point_in_time(const struct event *event, const char *text)
{
    struct clock_local local;
    struct timezone_moment moment;
    if (!clock_parse_local(text, &local))
        return 0;
    timezone_find(event->zone, local.shown_us, &moment);
    int meant = moment_meant(&moment, &local);
    return moment.at_us[meant < 0 ? 1 : meant];
}

bool event_file_is_not_after(const struct event *event, const char *later, const char *earlier)
{
    return event->zone && later && earlier &&
           point_in_time(event, later) <= point_in_time(event, earlier);
}

static json_t *time_data(const char *name, const char *time)
{
    return json_pack("{s:s}", name, time);
}

static void refuse_time(const struct form_place *object, const char *key, const char *code,
                        const struct event *event, const struct timezone_moment *moment)
{
    char texts[2][CLOCK_TEXT_BYTES];
    bool is_skipped = moment->times == 0;
    for (int i = 0; i < 2; i++)
        clock_format_local(moment->at_us[i], moment->offset_s[i], !is_skipped, texts[i]);
    form_refuse_at(object, key, code,
                   json_pack("{s:s, s:s, s:s}", "timezone", event->timezone, "first", texts[0],
                             "second", texts[1]));
}

void event_file_check_times(const struct form_place *object, const struct form_field *fields,
                            size_t count, void *values)
{
    const struct event *event = object->reading->context;
    for (size_t i = 0; event->zone && i < count; i++) {
        const char **text = (const char **)(void *)((char *)values + fields[i].at);
        struct clock_local local;
        struct timezone_moment moment;
        if (fields[i].kind != KIND_LOCAL_TIME || !*text || !clock_parse_local(*text, &local))
            continue;
        timezone_find(event->zone, local.shown_us, &moment);
        if (moment.times == 0)
            refuse_time(object, fields[i].name, "skipped_time", event, &moment);
        else if (moment_meant(&moment, &local) < 0)
            refuse_time(object, fields[i].name,
                        moment.times == 2 ? "repeated_time" : "other_offset", event, &moment);
        else if (moment.times == 1 && local.has_offset)
            *text =
                arena_copy_bytes(object->reading->arena, *text, strlen(*text) - strlen("+00:00"));
    }
}

/* --- Parts of the event ---------------------------------------------------------------------- */

static const struct form_field organiser_fields[] = {
    {"slug", KIND_SLUG, FORM_AT(struct event, organiser_slug), .need = FORM_NEEDED},
    {"name", KIND_TEXT, FORM_AT(struct event, organiser_name), .need = FORM_NEEDED,
     .most = EVENT_FILE_NAME_MOST},
};
static const struct form organiser_form = EVENT_FORM(organiser_fields);

static const struct form_field venue_fields[] = {
    {"name", KIND_TEXT, FORM_AT(struct event, venue_name), .need = FORM_NEEDED,
     .most = EVENT_FILE_NAME_MOST},
    {"address", KIND_TEXT, FORM_AT(struct event, venue_address), .most = EVENT_FILE_SUMMARY_MOST},
};
static const struct form venue_form = EVENT_FORM(venue_fields);

static const struct form_field registration_fields[] = {
    {"opens_at", KIND_LOCAL_TIME, FORM_AT(struct event, opens_at)},
    {"closes_at", KIND_LOCAL_TIME, FORM_AT(struct event, closes_at)},
    {"capacity", KIND_INTEGER, FORM_AT(struct event, capacity), .most = EVENT_FILE_CAPACITY_MOST,
     .written = FORM_OR_NULL},
    {"waiting_list", KIND_BOOLEAN, FORM_AT(struct event, waiting_list)},
    {"once_per_email", KIND_BOOLEAN, FORM_AT(struct event, once_per_email)},
    {"approval", KIND_BOOLEAN, FORM_AT(struct event, approval)},
    {"verify_email", KIND_BOOLEAN, FORM_AT(struct event, verify_email)},
    {"api_needs_token", KIND_BOOLEAN, FORM_AT(struct event, api_needs_token),
     .written = FORM_CHANGED},
    {"email_needed_at_door", KIND_BOOLEAN, FORM_AT(struct event, email_needed_at_door),
     .written = FORM_CHANGED},
    {"verify_hours", KIND_INTEGER, FORM_AT(struct event, verify_hours), .least = 1,
     .most = EVENT_FILE_HOURS_MOST, .written = FORM_CHANGED},
    {"most_attendees", KIND_INTEGER, FORM_AT(struct event, most_attendees), .least = 1,
     .most = EVENT_FILE_ATTENDEES_MOST},
    {"changes_until", KIND_LOCAL_TIME, FORM_AT(struct event, changes_until)},
};

static void check_registration(const struct form_place *object, void *values)
{
    struct event *event = values;
    struct form_place closes = form_member(object, "closes_at");
    CHECK_TIMES(object, registration_fields, event);
    if (event_file_is_not_after(event, event->closes_at, event->opens_at))
        form_refuse_here(&closes, "closes_before_opening", time_data("opens", event->opens_at));
    else if (!form_is_given(&closes) &&
             event_file_is_not_after(event, event->ends_at, event->opens_at))
        form_refuse_at(object, "opens_at", "opens_after_end", time_data("ends", event->ends_at));
}

static const struct form registration_form =
    EVENT_FORM(registration_fields, .check = check_registration);

static const struct form_field check_in_fields[] = {
    {"opens_at", KIND_LOCAL_TIME, FORM_AT(struct event, check_in_opens_at)},
    {"closes_at", KIND_LOCAL_TIME, FORM_AT(struct event, check_in_closes_at)},
    {"daily", KIND_BOOLEAN, FORM_AT(struct event, daily), .written = FORM_CHANGED},
};

static void check_check_in(const struct form_place *object, void *values)
{
    struct event *event = values;
    CHECK_TIMES(object, check_in_fields, event);
    if (event_file_is_not_after(event, event->check_in_closes_at, event->check_in_opens_at))
        form_refuse_at(object, "closes_at", "closes_before_opening",
                       time_data("opens", event->check_in_opens_at));
    if (event_file_is_not_after(event, event->ends_at, event->check_in_opens_at))
        form_refuse_at(object, "opens_at", "opens_after_end", time_data("ends", event->ends_at));
    if (event_file_is_not_after(event, event->check_in_closes_at, event->starts_at))
        form_refuse_at(object, "closes_at", "closes_before_start",
                       time_data("starts", event->starts_at));
}

static const struct form check_in_form = EVENT_FORM(check_in_fields, .check = check_check_in);

#define MAIL_TEXT(slug, mail)                                                                      \
    {                                                                                              \
        slug, KIND_LONG_TEXT,                                                                      \
            TEXT_AT(struct event, mail_texts[EVENT_MAIL_##mail], EVENT_FILE_MAIL_TEXT_MOST),       \
    }

/* By enum event_mail; the names are those of the mails (enum message_kind). */
static const struct form_field mail_text_fields[] = {
    MAIL_TEXT("confirmed", CONFIRMED), MAIL_TEXT("waitlisted", WAITLISTED),
    MAIL_TEXT("promoted", PROMOTED),   MAIL_TEXT("pending", PENDING),
    MAIL_TEXT("approved", APPROVED),   MAIL_TEXT("declined", DECLINED),
    MAIL_TEXT("reminder", REMINDER),   MAIL_TEXT("cancelled", CANCELLED),
};

static void check_mail_texts(const struct form_place *object, void *values)
{
    const struct event *event = values;
    for (size_t i = 0; i < EVENT_MAIL_COUNT * event->language_count; i++) {
        size_t mail = i / event->language_count;
        const char *text = event->mail_texts[mail].by_language[i % event->language_count];
        const char *unknown =
            text ? placeholders_unknown(text, mail_words_names, object->reading->arena) : NULL;
        if (!unknown)
            continue;
        form_refuse_at(object, mail_text_fields[mail].name, "unknown_placeholder",
                       event_file_name(unknown));
        return;
    }
}

static const struct form mail_texts_form = EVENT_FORM(mail_text_fields, .check = check_mail_texts);

static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits >= 1 && digits <= 5 && text[digits] == '\0';
}

/* An origin for Content-Security-Policy (RFC 6454, section 6.2), like "https://www.example.org" or
 * with a port: lower case, A-labels, no path. http is allowed only for this machine. */
static bool is_origin(const char *text)
{
    static const char *const schemes[] = {"https://", "http://localhost", "http://127.0.0.1"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t length = strlen(schemes[i]);
        if (strncmp(text, schemes[i], length) != 0)
            continue;
        const char *rest = text + length;
        size_t host = i == 0 ? strspn(rest, "abcdefghijklmnopqrstuvwxyz0123456789.-") : 0;
        rest += host;
        return (i > 0 || host > 0) && (*rest == '\0' || (*rest == ':' && is_port(rest + 1)));
    }
    return false;
}

static void read_origins(const struct form_place *place, const struct form_field *field,
                         void *values)
{
    struct event *event = values;
    form_read_list(place, field, values);
    for (size_t i = 0; i < event->embed_on_count; i++) {
        struct form_place here = form_element(place, i);
        const char *origin = event->embed_on[i];
        if (origin && !is_origin(origin))
            form_refuse_here(&here, "bad_origin", NULL);
        event->frame_origins =
            i == 0 ? origin
                   : arena_printf(place->reading->arena, "%s %s", event->frame_origins, origin);
    }
}

/* In the order of a written file. */
static const struct form_field event_fields[] = {
    {"organiser", .of = &organiser_form, .need = FORM_NEEDED},
    {"slug", KIND_SLUG, FORM_AT(struct event, slug), .need = FORM_NEEDED},
    {"title", KIND_TEXT, TEXT_AT(struct event, title, EVENT_FILE_NAME_MOST), .need = FORM_NEEDED},
    {"summary", KIND_TEXT, TEXT_AT(struct event, summary, EVENT_FILE_SUMMARY_MOST)},
    {"description", KIND_LONG_TEXT,
     TEXT_AT(struct event, description, EVENT_FILE_DESCRIPTION_MOST)},
    {"venue", .of = &venue_form},
    {"timezone", KIND_TEXT, FORM_AT(struct event, timezone), .need = FORM_NEEDED,
     .most = ZONE_MOST},
    {"starts_at", KIND_LOCAL_TIME, FORM_AT(struct event, starts_at), .need = FORM_NEEDED},
    {"ends_at", KIND_LOCAL_TIME, FORM_AT(struct event, ends_at), .need = FORM_NEEDED},
    {"published", KIND_BOOLEAN, FORM_AT(struct event, published), .written = FORM_CHANGED},
    {"cancelled", KIND_BOOLEAN, FORM_AT(struct event, cancelled), .written = FORM_CHANGED},
    {"contact", .of = &event_file_contact},
    {"reply_to", KIND_EMAIL, FORM_AT(struct event, reply_to), .wrong = "bad_address"},
    {"reminder_hours", KIND_INTEGER, FORM_AT(struct event, reminder_hours),
     .most = EVENT_FILE_HOURS_MOST, .written = FORM_CHANGED},
    {"mail_texts", .of = &mail_texts_form},
    {"embed_on", KIND_TEXT, FORM_AT(struct event, embed_on),
     FORM_COUNT_AT(struct event, embed_on_count), .shape = FORM_INLINE, .need = FORM_OPTIONAL,
     .most = EVENT_FILE_ORIGIN_MOST, .items_most = EVENT_EMBED_ON_MOST, .read = read_origins,
     .written = FORM_CHANGED},
    {"programme",
     LIST_AT(struct event, programme, programme_count, event_file_programme_item,
             EVENT_PROGRAMME_MOST),
     .read = event_file_read_programme, .written = FORM_CHANGED},
    {"registration", .of = &registration_form},
    {"check_in", .of = &check_in_form},
    {"languages", .write = write_languages},
    {"ticket_types",
     LIST_AT(struct event, ticket_types, ticket_type_count, event_file_ticket_type,
             EVENT_TICKET_TYPES_MOST),
     .read = event_file_read_ticket_types},
    {"questions",
     LIST_AT(struct event, questions, question_count, event_file_question, EVENT_QUESTIONS_MOST)},
    {"consents",
     LIST_AT(struct event, consents, consent_count, event_file_consent, EVENT_CONSENTS_MOST)},
    {"who_comes", .of = &event_file_who_comes},
    {"doors", LIST_AT(struct event, doors, door_count, event_file_door, EVENT_DOORS_MOST)},
    {"retention_days", KIND_INTEGER, FORM_AT(struct event, retention_days),
     .most = EVENT_FILE_RETENTION_MOST},
};

/* The form could not be sent with all that it lets people type. */
static void refuse_large_form(const struct form_place *document, struct event *event)
{
    const struct form_place registration = form_member(document, "registration");
    if (!document->reading->keeps_unknown)
        form_refuse_at(&registration, "most_attendees", "form_too_large",
                       json_pack("{s:i, s:i}", "mebibytes", (int)(event->form_size.bytes >> 20),
                                 "most", ROUTE_FORM_MOST_BYTES >> 20));
}

static void check_event(const struct form_place *document, void *values)
{
    struct event *event = values;
    struct timezone *zone = NULL;
    if (event->zone && event->timezone && !timezone_load(event->timezone, &zone))
        form_refuse_at(document, "timezone", "unknown_zone",
                       time_data("timezone", event->timezone));
    timezone_destroy(zone);
    CHECK_TIMES(document, event_fields, event);
    if (event_file_is_not_after(event, event->ends_at, event->starts_at))
        form_refuse_at(document, "ends_at", "ends_before_start",
                       time_data("starts", event->starts_at));
    event->form_size = form_size_of(event);
    if (event->form_size.bytes > ROUTE_FORM_MOST_BYTES)
        refuse_large_form(document, event);
}

static const struct form event_form = EVENT_FORM(event_fields, .check = check_event);

/* --- The file -------------------------------------------------------------------------------- */

/* Without the zone, which becomes a finding, times are compared as in UTC. */
static struct timezone *load_zone(const json_t *file)
{
    const char *name = json_string_value(json_object_get(file, "timezone"));
    struct timezone *zone = NULL;
    if ((name && timezone_load(name, &zone)) || timezone_load("UTC", &zone))
        return zone;
    return NULL;
}

static struct event *read_file(const json_t *file, bool is_stored, struct findings *findings)
{
    struct event *event = memory_alloc(sizeof *event);
    *event = defaults;
    arena_init(&event->arena);
    event->references = 1;
    const struct form_reading reading = {.arena = &event->arena,
                                         .findings = findings,
                                         .is_strict = true,
                                         .keeps_unknown = is_stored,
                                         .prefix = "event.",
                                         .unknown = "unknown_key",
                                         .context = event};
    struct form_place document = form_whole(&reading, file);
    if (json_is_object(file))
        read_languages(&document, event);
    event->zone = is_stored ? NULL : load_zone(file);
    bool is_good = form_read(&reading, &event_form, file, event);
    timezone_destroy(event->zone);
    event->zone = NULL;
    if (is_good)
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

json_t *event_file_write(const struct event *event)
{
    return form_write(&event_form, event, event);
}
