#include "features/editor/overview.h"

#include <string.h>

#include "event/event.h"
#include "event/events.h"
#include "features/editor/edit.h"
#include "features/editor/picture.h"
#include "features/editor/value.h"
#include "http/request.h"
#include "view/locale.h"

enum { NAMED_MOST = 5, EXCERPT_BYTES = 160 };

/* What a section says, line by line. */
struct saying {
    struct edit *edit;
    const struct event *event;
    const char *language;
    json_t *lines;
};

static void say(const struct saying *saying, const char *text)
{
    if (text && *text)
        json_array_append_new(saying->lines, json_string(text));
}

/* Takes the data. */
static void say_word(const struct saying *saying, const char *name, json_t *data)
{
    struct request *request = saying->edit->request;
    say(saying,
        edit_word(request, arena_printf(request_arena(request), "editor.says.%s", name), data));
}

static void say_number(const struct saying *saying, const char *name, json_int_t n)
{
    say_word(saying, name, json_pack("{s:I}", "n", n));
}

static void say_time(const struct saying *saying, const char *name, const char *time)
{
    if (time)
        say_word(saying, name, json_pack("{s:s}", "at", time));
}

static struct arena *arena_of(const struct saying *saying)
{
    return request_arena(saying->edit->request);
}

/* --- Sections -------------------------------------------------------------------------------- */

static void say_what(const struct saying *saying)
{
    const struct event *event = saying->event;
    const char *languages = "";
    say(saying, event_text(event, &event->title, saying->language));
    say(saying, event_when(event, request_locale(saying->edit->request), arena_of(saying)));
    for (size_t i = 0; i < event->language_count; i++)
        languages = arena_printf(arena_of(saying), "%s%s%s", languages, i > 0 ? ", " : "",
                                 value_language(saying->edit->request, event->languages[i]));
    say(saying, languages);
}

static void say_where(const struct saying *saying)
{
    say(saying, saying->event->venue_name);
    say(saying, saying->event->venue_address);
}

/* The first paragraph without the signs of Markdown. */
static const char *plain(struct arena *arena, const char *text)
{
    char *plain = arena_copy(arena, text), *end = plain;
    for (const char *at = plain; *at && *at != '\n'; at++) {
        if (!strchr("*#`>", *at))
            *end++ = *at;
    }
    *end = '\0';
    return plain;
}

static void say_text(const struct saying *saying)
{
    const struct event *event = saying->event;
    const char *text =
        plain(arena_of(saying), event_text(event, &event->description, saying->language));
    size_t length = strlen(text);
    if (length <= EXCERPT_BYTES) {
        say(saying, text);
        return;
    }
    length = EXCERPT_BYTES;
    while (length > 0 && text[length] != ' ')
        length--;
    say(saying, arena_printf(arena_of(saying), "%.*s …", (int)length, text));
}

static const char *names_of(const struct saying *saying, size_t count,
                            const struct event_text *text_of(const struct event *event, size_t i))
{
    const char *names = "";
    for (size_t i = 0; i < count && i < NAMED_MOST; i++)
        names =
            arena_printf(arena_of(saying), "%s%s%s", names, i > 0 ? ", " : "",
                         event_text(saying->event, text_of(saying->event, i), saying->language));
    return count > NAMED_MOST ? arena_printf(arena_of(saying), "%s …", names) : names;
}

static const struct event_text *type_title(const struct event *event, size_t i)
{
    return &event->ticket_types[i].title;
}

static const struct event_text *door_title(const struct event *event, size_t i)
{
    return &event->doors[i].title;
}

static const struct event_text *item_title(const struct event *event, size_t i)
{
    return &event->programme[i].title;
}

static const struct event_text *question_label(const struct event *event, size_t i)
{
    return &event->questions[i].label;
}

static void say_places(const struct saying *saying)
{
    const struct event *event = saying->event;
    if (event->capacity >= 0)
        say_number(saying, event->waiting_list ? "places_waiting" : "places", event->capacity);
    else
        say_word(saying, "no_limit", NULL);
    if (event->approval)
        say_word(saying, "approval", NULL);
    if (event->ticket_type_count > 1)
        say_word(saying, "types",
                 json_pack("{s:I, s:s}", "n", (json_int_t)event->ticket_type_count, "names",
                           names_of(saying, event->ticket_type_count, type_title)));
    say_time(saying, "opens", event->opens_at);
    say_time(saying, "closes", event->closes_at);
}

static void say_programme(const struct saying *saying)
{
    size_t count = saying->event->programme_count;
    if (count > 0)
        say_word(saying, "items",
                 json_pack("{s:I, s:s}", "n", (json_int_t)count, "names",
                           names_of(saying, count, item_title)));
}

static void say_contact(const struct saying *saying)
{
    const struct event_contact *contact = &saying->event->contact;
    say(saying, contact->name);
    say(saying, contact->email.address);
    say(saying, contact->phone);
    say(saying, contact->url);
}

static void say_questions(const struct saying *saying)
{
    size_t count = saying->event->question_count;
    if (count > 0)
        say(saying, names_of(saying, count, question_label));
}

static void say_mails(const struct saying *saying)
{
    const struct event *event = saying->event;
    if (event->reply_to.address)
        say_word(saying, "reply_to", json_pack("{s:s}", "address", event->reply_to.address));
    if (event->reminder_hours > 0)
        say_number(saying, "reminder", event->reminder_hours);
    else
        say_word(saying, "no_reminder", NULL);
    json_int_t mails = 0;
    for (size_t i = 0; i < EVENT_MAIL_COUNT; i++)
        mails += *event_text(event, &event->mail_texts[i], saying->language) != '\0';
    if (mails > 0)
        say_number(saying, "own_words", mails);
}

static void say_door(const struct saying *saying)
{
    const struct event *event = saying->event;
    if (event->door_count > 0)
        say(saying, names_of(saying, event->door_count, door_title));
    say_time(saying, "doors_open", event->check_in_opens_at);
    say_time(saying, "doors_close", event->check_in_closes_at);
    if (!event->daily)
        say_word(saying, "once", NULL);
}

static void say_privacy(const struct saying *saying)
{
    const struct event *event = saying->event;
    if (event->who_comes.shown)
        say_word(saying, "who_comes", NULL);
    if (event->consent_count > 0)
        say_number(saying, "consents", (json_int_t)event->consent_count);
    if (event->retention_days >= 0)
        say_number(saying, "retention", event->retention_days);
}

static void (*const says[EDIT_SECTIONS])(const struct saying *saying) = {
    say_what,   say_where,     say_text,  say_programme, say_contact,
    say_places, say_questions, say_mails, say_door,      say_privacy,
};

/* --- The page -------------------------------------------------------------------------------- */

static json_t *section_view(struct edit *edit, const struct event *event, int i)
{
    struct arena *arena = request_arena(edit->request);
    const char *name = edit_sections[i].name;
    const struct saying saying = {edit, event, locale_code(request_locale(edit->request)),
                                  json_array()};
    says[i](&saying);
    json_t *view =
        json_pack("{s:s, s:s, s:b, s:o}", "href", edit_path(edit, name), "title",
                  edit_word(edit->request, arena_printf(arena, "editor.section.%s", name), NULL),
                  "any", json_array_size(saying.lines) > 0, "lines", saying.lines);
    json_object_set_new(
        view, "none",
        json_string(edit_word(edit->request, arena_printf(arena, "editor.none.%s", name), NULL)));
    return view;
}

static void reply_overview(struct edit *edit)
{
    struct event *event = edit_event(edit->document);
    json_t *sections = json_array();
    for (int i = 0; event && i < EDIT_SECTIONS; i++) {
        json_array_append_new(sections, section_view(edit, event, i));
        if (strcmp(edit_sections[i].name, "text") == 0)
            json_array_append_new(sections, picture_entry(edit));
    }
    if (event)
        events_release(event);
    edit_reply(edit, 200, "features/editor/overview.html",
               json_pack("{s:o}", "sections", sections));
}

void overview_show(struct request *request)
{
    struct edit *edit = arena_alloc(request_arena(request), sizeof *edit);
    *edit = (struct edit){.request = request, .then = reply_overview};
    edit_load(edit);
}
