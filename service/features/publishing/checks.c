#include "features/publishing/checks.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "event/host.h"
#include "event/programme.h"

enum {
    KEY_BYTES = 80,
    TEXTS_NAMED_MOST = 5, /* of those that are not translated */
};

static const int64_t long_us = 14 * 24 * 3600 * CLOCK_SECOND_US;

struct checking {
    const struct event *event;
    int64_t now_us;
    const struct locale *locale;
    json_t *list;
    bool missing; /* the next ones are missing rather than odd */
};

static json_t *word(const struct locale *locale, const char *key, const json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(locale, key, data, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

/* Takes the data. */
static void add(struct checking *checking, bool applies, const char *name, const char *section,
                json_t *data)
{
    char key[KEY_BYTES];
    snprintf(key, sizeof key, "publishing.check.%s", name);
    if (applies)
        json_array_append_new(checking->list,
                              json_pack("{s:o, s:s, s:b, s:b}", "text",
                                        word(checking->locale, key, data), "section", section,
                                        "missing", checking->missing, "is_privacy",
                                        strcmp(name, "no_privacy") == 0));
    json_decref(data);
}

static bool is_empty(const char *text)
{
    return !text || *text == '\0';
}

static bool is_blank(const struct event *event, const struct event_text *text)
{
    return *event_text(event, text, event->languages[0]) == '\0';
}

bool checks_has_privacy(const struct event *event)
{
    for (size_t i = 0; i < event->consent_count; i++) {
        if (event->consents[i].required)
            return true;
    }
    return host_has_privacy(event);
}

/* --- Languages ------------------------------------------------------------------------------- */

/* The texts of an event that lack a language. */
struct lacking {
    struct checking *checking;
    size_t language;     /* of the event */
    const char *section; /* of the first one */
    json_t *names;
    size_t count;
};

static void look_at(struct lacking *lacking, const struct event_text *text, const char *section,
                    const char *name)
{
    const struct event *event = lacking->checking->event;
    if (is_blank(event, text) || !is_empty(text->by_language[lacking->language]))
        return;
    char key[KEY_BYTES];
    snprintf(key, sizeof key, "change.member.%s", name);
    if (lacking->count++ == 0)
        lacking->section = section;
    if (lacking->count <= TEXTS_NAMED_MOST)
        json_array_append_new(lacking->names, word(lacking->checking->locale, key, NULL));
}

/* Names an element by the text that it has in another language. */
static void look_at_element(struct lacking *lacking, const struct event_text *text,
                            const char *section, const char *list)
{
    const struct event *event = lacking->checking->event;
    if (is_blank(event, text) || !is_empty(text->by_language[lacking->language]))
        return;
    char key[KEY_BYTES];
    snprintf(key, sizeof key, "change.thing.%s", list);
    json_t *data = json_pack("{s:s}", "name", event_text(event, text, event->languages[0]));
    if (lacking->count++ == 0)
        lacking->section = section;
    if (lacking->count <= TEXTS_NAMED_MOST)
        json_array_append_new(lacking->names, word(lacking->checking->locale, key, data));
    json_decref(data);
}

static void look_at_all(struct lacking *lacking)
{
    const struct event *event = lacking->checking->event;
    look_at(lacking, &event->title, "what", "title");
    look_at(lacking, &event->summary, "what", "summary");
    look_at(lacking, &event->description, "text", "description");
    look_at(lacking, &event->picture.alt, "picture", "picture");
    for (size_t i = 0; i < event->programme_count; i++) {
        look_at_element(lacking, &event->programme[i].title, "programme", "programme");
        look_at_element(lacking, &event->programme[i].text, "programme", "programme");
    }
    for (size_t i = 0; i < event->ticket_type_count; i++)
        look_at_element(lacking, &event->ticket_types[i].title, "places", "ticket_types");
    for (size_t i = 0; i < event->question_count; i++) {
        const struct question *question = &event->questions[i];
        look_at_element(lacking, &question->label, "questions", "questions");
        for (size_t j = 0; j < question->choice_count; j++)
            look_at_element(lacking, &question->choices[j].label, "questions", "choices");
    }
    for (size_t i = 0; i < event->consent_count; i++)
        look_at_element(lacking, &event->consents[i].label, "privacy", "consents");
    for (size_t i = 0; i < event->door_count; i++)
        look_at_element(lacking, &event->doors[i].title, "door", "doors");
}

static void check_language(struct checking *checking, size_t language)
{
    struct lacking lacking = {.checking = checking, .language = language, .names = json_array()};
    char key[KEY_BYTES];
    look_at_all(&lacking);
    snprintf(key, sizeof key, "history.language.%s", checking->event->languages[language]);
    json_t *name = locale_has(checking->locale, key)
                       ? word(checking->locale, key, NULL)
                       : json_string(checking->event->languages[language]);
    struct buffer names;
    buffer_init(&names);
    size_t i;
    json_t *text;
    json_array_foreach (lacking.names, i, text)
        buffer_printf(&names, "%s%s", i > 0 ? ", " : "", json_string_value(text));
    if (lacking.count > TEXTS_NAMED_MOST)
        buffer_add_text(&names, " …");
    add(checking, lacking.count > 0, "translation", lacking.section ? lacking.section : "text",
        json_pack("{s:o, s:I, s:s}", "language", name, "n", (json_int_t)lacking.count, "names",
                  buffer_text(&names)));
    buffer_finish(&names);
    json_decref(lacking.names);
}

/* --- All ------------------------------------------------------------------------------------- */

static void check_missing(struct checking *checking)
{
    const struct event *event = checking->event;
    add(checking, !checks_has_privacy(event), "no_privacy", "privacy", NULL);
    add(checking, is_empty(event->venue_name), "no_venue", "where", NULL);
    add(checking, !is_empty(event->venue_name) && is_empty(event->venue_address), "no_address",
        "where", NULL);
    add(checking, is_blank(event, &event->summary) && is_blank(event, &event->description),
        "no_text", "text", NULL);
    add(checking, is_empty(host_reply_to(event)), "no_contact", "mails", NULL);
    for (size_t i = 0; i < event->language_count; i++)
        check_language(checking, i);
}

static bool has_type_for_all(const struct event *event)
{
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const struct ticket_type *type = &event->ticket_types[i];
        if (!type->code && event_ticket_type_exists(event, type))
            return true;
    }
    return false;
}

static bool is_at_midnight(const char *local)
{
    return strlen(local) >= 16 && strncmp(local + 11, "00:00", 5) == 0;
}

static void check_times(struct checking *checking)
{
    const struct event *event = checking->event;
    bool is_over = event->ends_at_us <= checking->now_us;
    bool is_closed = event->closes_at_us <= checking->now_us;
    add(checking, is_over, "over", "what", NULL);
    add(checking, !is_over && event->starts_at_us <= checking->now_us, "started", "what", NULL);
    add(checking, is_at_midnight(event->starts_at), "midnight", "what", NULL);
    add(checking, event->ends_at_us - event->starts_at_us > long_us, "long", "what",
        json_pack("{s:I}", "n",
                  (json_int_t)((event->ends_at_us - event->starts_at_us) / (long_us / 14))));
    add(checking, !is_over && is_closed, "closed", "places", NULL);
    add(checking, event->closes_at && event->closes_at_us > event->starts_at_us, "closes_late",
        "places", json_pack("{s:s}", "at", event->closes_at ? event->closes_at : ""));
    add(checking, event->opens_at_us > event->starts_at_us, "opens_late", "places", NULL);
    add(checking, event->check_in_opens_at_us > event->starts_at_us, "doors_late", "door", NULL);
}

static void check_programme(struct checking *checking)
{
    const struct event *event = checking->event;
    json_int_t outside = 0;
    const struct programme_item *first = NULL;
    for (size_t i = 0; i < event->programme_count; i++) {
        const struct programme_item *item = &event->programme[i];
        if (!programme_is_outside(event, item))
            continue;
        outside++;
        first = first ? first : item;
    }
    const char *name = first ? event_text(event, &first->title, locale_code(checking->locale)) : "";
    add(checking, outside > 0, "item_outside", "programme",
        json_pack("{s:I, s:s}", "n", outside, "name", name));
}

static void check_picture(struct checking *checking)
{
    const struct event *event = checking->event;
    add(checking, event->picture.name && is_blank(event, &event->picture.alt), "picture_alt",
        "picture", NULL);
}

static void check_odd(struct checking *checking)
{
    const struct event *event = checking->event;
    check_times(checking);
    check_programme(checking);
    check_picture(checking);
    add(checking, event->capacity < 0, "no_capacity", "places", NULL);
    add(checking, event->capacity == 0, "capacity_zero", "places", NULL);
    add(checking, event->capacity != 0 && !has_type_for_all(event), "by_invitation", "places",
        NULL);
    add(checking, event->retention_days < 0, "no_retention", "privacy", NULL);
}

json_t *checks_list(const struct event *event, int64_t now_us, const struct locale *locale)
{
    struct checking checking = {
        .event = event, .now_us = now_us, .locale = locale, .list = json_array()};
    checking.missing = true;
    check_missing(&checking);
    checking.missing = false;
    check_odd(&checking);
    return checking.list;
}
