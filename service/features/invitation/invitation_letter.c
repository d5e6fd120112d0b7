#include "features/invitation/invitation_letter.h"

#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "event/event.h"
#include "event/event_view.h"
#include "event/invited.h"
#include "event/host.h"
#include "event/message_id.h"
#include "mail/letter.h"
#include "view/locale.h"
#include "worker.h"

struct draft {
    const struct worker *worker;
    const struct event *event;
    const struct invitation_letter *about;
    const struct locale *locale;
    struct arena *arena;
    json_t *data;
};

/* The wording invitation.letter.KEY, or that of a reminder. A new reference. */
static json_t *say(const struct draft *draft, const char *key)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(draft->locale, arena_printf(draft->arena, "invitation.letter.%s", key), draft->data,
                &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

/* Paragraphs of lines, [["line", …], …]; null: there are none. A new reference. */
static json_t *paragraphs(const char *text)
{
    json_t *all = json_array(), *lines = NULL;
    for (const char *at = text ? text : ""; *at;) {
        size_t length = strcspn(at, "\r\n"), end = length + strspn(at + length, "\r");
        if (length == 0)
            lines = NULL;
        else if (!lines)
            json_array_append_new(all, lines = json_array());
        if (length > 0)
            json_array_append_new(lines, json_stringn(at, length));
        at += end + (at[end] == '\n');
    }
    return all;
}

static json_t *venue(const struct event *event)
{
    struct buffer map_url;
    if (!event->venue_name)
        return json_null();
    buffer_init(&map_url);
    event_map_url(event->venue_name, event->venue_address, &map_url);
    json_t *json = json_pack("{s:s, s:s?, s:s}", "name", event->venue_name, "address",
                             event->venue_address, "map_url", buffer_text(&map_url));
    buffer_finish(&map_url);
    return json;
}

static void add_link(struct draft *draft, const char *name, const char *url, const char *label)
{
    json_object_set_new(draft->data, name,
                        json_pack("{s:s, s:o}", "url", url, "label", say(draft, label)));
}

static void fill(struct draft *draft)
{
    const struct invitation_letter *about = draft->about;
    const struct event *event = draft->event;
    const char *language = locale_code(draft->locale);
    draft->data = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:b}", "language", language, "organiser",
        event->organiser_name, "title", event_text(event, &event->title, language), "when",
        event_when(event, draft->locale, draft->arena), "timezone", event->timezone, "event_url",
        arena_printf(draft->arena, "%s/events/%s", draft->worker->config->public_url, event->slug),
        "greeted", about->name, "good_for", (json_int_t)about->good_for, "several",
        about->good_for > 1);
    host_add_to_mail(event, draft->worker->config->public_url, false, language, draft->data);
    if (about->kept_until)
        json_object_set_new(draft->data, "kept_until", json_string(about->kept_until));
    json_object_set_new(draft->data, "venue", venue(event));
    json_object_set_new(draft->data, "words", paragraphs(about->own_words));
    json_object_set_new(draft->data, "greeting", say(draft, "greeting"));
    json_object_set_new(draft->data, "subject",
                        say(draft, about->reminds ? "reminder_subject" : "subject"));
    json_object_set_new(draft->data, "headline",
                        say(draft, about->reminds ? "reminder_headline" : "headline"));
    json_object_set_new(draft->data, "lead", say(draft, about->reminds ? "reminder_lead" : "lead"));
    json_object_set_new(draft->data, "why", say(draft, "why"));
    json_t *more = json_array();
    if (about->good_for > 1)
        json_array_append_new(more, say(draft, "several"));
    if (about->kept_until)
        json_array_append_new(more, say(draft, "kept"));
    json_object_set_new(draft->data, "more", more);
    add_link(draft, "action",
             link_accept(draft->worker, event, &about->invitation_id, language, draft->arena),
             "accept");
    add_link(draft, "no",
             arena_printf(
                 draft->arena, "%s#no",
                 link_decline(draft->worker, event, &about->invitation_id, language, draft->arena)),
             "decline");
}

static const char *render(const struct draft *draft, const struct template *template)
{
    struct buffer out;
    const char *text = NULL;
    buffer_init(&out);
    if (template && template_render(template, NULL, draft->data, &out))
        text = arena_copy(draft->arena, buffer_text(&out));
    else
        log_event(LOG_ERROR, "letter_failed", log_text("kind", "invitation"));
    buffer_finish(&out);
    return text;
}

/* Every attempt has the same Message-ID, so that mail programs can drop duplicates. */
static const char *message_id(const struct draft *draft, const struct mailbox *from)
{
    const struct message_ids ids = {.owner_id = draft->about->invitation_id,
                                    .message_id = draft->about->mail_id};
    return message_id_write(draft->worker->keyring, &ids, mailbox_wire(draft->arena, from->address),
                            draft->arena);
}

static struct mailbox sender(const struct draft *draft)
{
    const char *setting = draft->worker->config->mail_from;
    struct mailbox from = {0};
    if (!mailbox_parse(draft->arena, setting, &from))
        from.address = setting;
    if (!from.name || *from.name == '\0')
        from.name = draft->event->organiser_name;
    return from;
}

const struct letter *invitation_letter_make(const struct worker *worker, const struct event *event,
                                            const struct invitation_letter *about,
                                            struct arena *arena)
{
    const struct locale *locale = locale_find(worker->locales, about->language);
    struct draft draft = {.worker = worker,
                          .event = event,
                          .about = about,
                          .locale =
                              locale ? locale : locale_find(worker->locales, locale_languages[0]),
                          .arena = arena};
    struct letter *letter = arena_alloc(arena, sizeof *letter);
    struct mailbox from = sender(&draft);
    fill(&draft);
    const char *subject = json_string_value(json_object_get(draft.data, "subject"));
    *letter = (struct letter){
        .from = from,
        .to = {.name = *about->name ? about->name : NULL, .address = about->email},
        .reply_to = {.address = host_reply_to(event)},
        .subject = arena_copy(arena, subject),
        .message_id = message_id(&draft, &from),
        .date_us = clock_now_us(),
        .language = locale_code(draft.locale),
        .text = render(&draft, locale_plain(draft.locale, "features/message/message.txt")),
        .html = render(&draft, locale_page(draft.locale, "features/message/message.html")),
    };
    json_decref(draft.data);
    return letter->text && letter->html ? letter : NULL;
}
