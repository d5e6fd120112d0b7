#include "features/message/letter_text.h"

#include <jansson.h>

#include "base/log.h"
#include "event/event_view.h"
#include "event/host.h"
#include "event/mail_words.h"
#include "view/locale.h"

struct draft {
    const struct worker *worker;
    const struct event *event;
    const struct posting *posting;
    const struct locale *locale;
    bool is_duplicate;      /* posting_is_duplicate */
    enum message_kind kind; /* of the words */
    enum letter_reader reader;
    struct arena *arena;
    struct letter_text *letter;
    json_t *data; /* for templates and words */
};

static bool is_for_registration(const struct posting *posting)
{
    return id_is_zero(&posting->attendee_id);
}

/* Returns the words message.KEY with the letter's data, a new reference. */
static json_t *say(const struct draft *draft, const char *key)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(draft->locale, arena_printf(draft->arena, "message.%s", key), draft->data, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

static json_t *say_of_kind(const struct draft *draft, const char *part)
{
    return say(draft, arena_printf(draft->arena, "%s.%s", message_kind_name(draft->kind), part));
}

/* --- Words ----------------------------------------------------------------------------------- */

static json_t *venue(const struct draft *draft)
{
    const struct event *event = draft->event;
    if (!event->venue_name)
        return json_null();
    struct buffer map_url;
    buffer_init(&map_url);
    event_map_url(event->venue_name, event->venue_address, &map_url);
    json_t *json = json_pack("{s:s, s:s?, s:s}", "name", event->venue_name, "address",
                             event->venue_address, "map_url", buffer_text(&map_url));
    buffer_finish(&map_url);
    return json;
}

static size_t count_of_status(const struct posting *posting, enum registration_status status)
{
    size_t count = 0;
    for (size_t i = 0; i < posting->line_count; i++)
        count += posting->lines[i].status == status;
    return count;
}

/* The names of the attendees who are not cancelled. */
static const char *names_of_the_others(const struct draft *draft)
{
    const struct posting *posting = draft->posting;
    const char *names = "";
    for (size_t i = 0; i < posting->line_count; i++) {
        if (posting->lines[i].status != REGISTRATION_STATUS_CANCELLED)
            names = arena_printf(draft->arena, "%s%s%s", names, *names ? ", " : "",
                                 posting->lines[i].name);
    }
    return names;
}

/* The paragraphs that the organiser wrote, [["line", …], …]; null: none. A new reference. */
static json_t *own_words(const struct posting *posting)
{
    if (!posting->own_words)
        return json_null();
    json_t *paragraphs = json_array(), *lines = NULL;
    for (const char *at = posting->own_words; *at;) {
        size_t length = strcspn(at, "\n");
        if (length == 0)
            lines = NULL;
        else if (!lines)
            json_array_append_new(paragraphs, lines = json_array());
        if (length > 0)
            json_array_append_new(lines, json_stringn(at, length));
        at += length + (at[length] == '\n');
    }
    return paragraphs;
}

static void add_facts(struct draft *draft)
{
    const struct posting *posting = draft->posting;
    const struct event *event = draft->event;
    const char *language = locale_code(draft->locale);
    size_t cancelled = count_of_status(posting, REGISTRATION_STATUS_CANCELLED);
    size_t spoken_of =
        cancelled == posting->line_count ? cancelled : posting->line_count - cancelled;
    json_object_update_new(
        draft->data,
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:s, s:b, s:s?, s:b, s:s, s:s, s:s}", "language",
                  language, "organiser", event->organiser_name, "title",
                  event_text(event, &event->title, language), "when",
                  event_when(event, draft->locale, draft->arena), "timezone", event->timezone,
                  "greeted", draft->letter->greeted, "name", posting->lines[0].name, "several",
                  spoken_of > 1, "former", posting->former_name, "own", posting->is_own_place,
                  "others", names_of_the_others(draft), "until", posting->held_until, "event_url",
                  arena_printf(draft->arena, "%s/events/%s", draft->worker->config->public_url,
                               event->slug)));
    host_add_to_mail(event, draft->worker->config->public_url, draft->reader == LETTER_FOR_BROWSER,
                     language, draft->data);
    json_object_set_new(draft->data, "handed_on_to", json_string(posting->handed_on_to));
    json_object_set_new(draft->data, "by_organiser", json_boolean(posting->organiser_did));
    json_object_set_new(draft->data, "words", own_words(posting));
    if (posting->registrant && !posting->traits->is_to_many && draft->letter->manage_url) {
        json_object_set_new(draft->data, "registrant", json_string(posting->registrant));
        json_object_set_new(draft->data, "registered_by", say(draft, "registered_by"));
    }
    int64_t position =
        draft->is_duplicate ? posting->earlier.waiting_position : posting->waiting_position;
    if (position) /* 0: has moved up since */
        json_object_set_new(draft->data, "position", json_integer(position));
    json_object_set_new(draft->data, "venue", venue(draft));
    json_object_set_new(
        draft->data, "is_confirmed",
        json_boolean(posting->registration_status == REGISTRATION_STATUS_CONFIRMED));
}

/* The registration that the letter is about. */
static struct posting_earlier subject(const struct draft *draft)
{
    const struct posting *posting = draft->posting;
    return draft->is_duplicate
               ? posting->earlier
               : (struct posting_earlier){.registration_id = posting->registration_id,
                                          .status = posting->registration_status,
                                          .is_verified = posting->is_verified,
                                          .waiting_position = posting->waiting_position,
                                          .link_version = posting->link_version};
}

/* Waiting registrations may verify the address before they move up. */
static bool asks_to_verify(const struct draft *draft)
{
    const struct posting_earlier about = subject(draft);
    return is_for_registration(draft->posting) && !about.is_verified &&
           (about.status == REGISTRATION_STATUS_UNVERIFIED ||
            about.status == REGISTRATION_STATUS_WAITLISTED);
}

/* Whether the event has questions for guests, or consents. */
static bool asks_something(const struct event *event)
{
    bool asks = event->consent_count > 0;
    for (size_t i = 0; i < event->question_count; i++)
        asks |= event_asks(&event->questions[i], false);
    return asks;
}

/* Adds paragraphs that follow from what the registration is now. */
static void add_more(struct draft *draft)
{
    const struct posting *posting = draft->posting;
    enum registration_status status = subject(draft).status;
    json_t *more = json_array();
    if (status == REGISTRATION_STATUS_UNVERIFIED && *posting->held_until != '\0' &&
        !draft->is_duplicate)
        json_array_append_new(more, say(draft, "held"));
    if (status == REGISTRATION_STATUS_WAITLISTED && draft->kind != MESSAGE_KIND_WAITLISTED)
        json_array_append_new(more, say(draft, "waiting_more"));
    if (status == REGISTRATION_STATUS_WAITLISTED && asks_to_verify(draft))
        json_array_append_new(more, say(draft, "verify_meanwhile"));
    if (status == REGISTRATION_STATUS_PENDING && draft->kind != MESSAGE_KIND_PENDING)
        json_array_append_new(more, say(draft, "pending_more"));
    if (draft->kind == MESSAGE_KIND_HANDED_ON && asks_something(draft->event))
        json_array_append_new(more, say(draft, "handed_on_more"));
    json_object_set_new(draft->data, "more", more);
}

/* A second registration of an address may be a mistake. */
static void add_repeated(struct draft *draft)
{
    const struct posting *posting = draft->posting;
    bool is_first_letter = posting->kind == MESSAGE_KIND_CONFIRMED ||
                           posting->kind == MESSAGE_KIND_PENDING ||
                           posting->kind == MESSAGE_KIND_WAITLISTED;
    if (is_first_letter && is_for_registration(posting) && !draft->event->once_per_email &&
        !id_is_zero(&posting->earlier.registration_id))
        json_object_set_new(
            draft->data, "repeated",
            json_pack("{s:s}", "url",
                      link_mailed(draft->worker, &posting->registration_id, "/cancel",
                                  posting->link_version, posting->recipient, draft->arena)));
}

/* The letter has at most one button. */
static void add_action(struct draft *draft)
{
    const struct posting *posting = draft->posting;
    const struct posting_earlier about = subject(draft);
    const char *url = NULL, *label = "see_action";
    if (asks_to_verify(draft)) {
        url = link_verify(draft->worker, &about.registration_id, posting->recipient, draft->arena);
        label = "verify_action";
    } else if (draft->is_duplicate) {
        url = link_mailed(draft->worker, &about.registration_id, "", about.link_version,
                          posting->recipient, draft->arena);
    } else if (posting->kind == MESSAGE_KIND_EXPIRED ||
               posting->kind == MESSAGE_KIND_EVENT_CHANGED) {
        url = json_string_value(json_object_get(draft->data, "event_url"));
        label = "event_action";
    } else if (draft->letter->ticket_count == 0) {
        url = draft->letter->manage_url;
    }
    if (url)
        json_object_set_new(draft->data, "action",
                            json_pack("{s:s, s:o}", "url", url, "label", say(draft, label)));
}

/* --- Tickets --------------------------------------------------------------------------------- */

static const char *type_title(const struct draft *draft, const char *slug)
{
    return event_type_title(draft->event, slug, draft->locale, draft->arena);
}

static void add_ticket(struct draft *draft, json_t *list, const struct posting_line *line)
{
    struct letter_ticket *ticket = &draft->letter->tickets[draft->letter->ticket_count++];
    ticket->line = line;
    ticket->link = link_ticket(draft->worker, draft->event, &line->ticket_id,
                               line->ticket_expires_at_us, draft->arena);
    snprintf(ticket->cid, sizeof ticket->cid, "ticket-%zu@einlass", draft->letter->ticket_count);
    const char *image = draft->reader == LETTER_FOR_MAIL
                            ? arena_printf(draft->arena, "cid:%s", ticket->cid)
                            : arena_printf(draft->arena, "/tickets/%s/qr.png", ticket->link.token);
    char number[ID_NUMBER_BYTES];
    id_number(&line->attendee_id, number);
    json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", line->name, "type",
                                          type_title(draft, line->ticket_type), "number", number,
                                          "url", ticket->link.url, "image", image));
}

static void add_tickets(struct draft *draft)
{
    const struct posting *posting = draft->posting;
    json_t *list = json_array();
    bool has_any =
        !posting->traits->has_no_links && posting->traits->calendar == POSTING_CALENDAR_PUBLISH;
    draft->letter->tickets =
        arena_alloc(draft->arena, posting->line_count * sizeof *draft->letter->tickets);
    for (size_t i = 0; has_any && i < posting->line_count; i++) {
        if (!id_is_zero(&posting->lines[i].ticket_id))
            add_ticket(draft, list, &posting->lines[i]);
    }
    json_object_set_new(draft->data, "has_tickets", json_boolean(json_array_size(list) > 0));
    json_object_set_new(draft->data, "tickets", list);
}

/* --- The letter ------------------------------------------------------------------------------ */

static const char *render(const struct draft *draft, const struct template *template)
{
    struct buffer out;
    buffer_init(&out);
    const char *text = NULL;
    if (template && template_render(template, NULL, draft->data, &out))
        text = arena_copy(draft->arena, buffer_text(&out));
    else
        log_event(LOG_ERROR, "letter_failed",
                  log_text("kind", message_kind_name(draft->posting->kind)));
    buffer_finish(&out);
    return text;
}

/* Adds the organiser's Markdown as "markdown" and "plain". */
static void add_markdown(struct draft *draft, const char *text, const struct placeholder *values)
{
    enum { FIRST_HEADING = 2 };
    struct buffer html, plain;
    buffer_init(&html);
    buffer_init(&plain);
    if (placeholders_html(text, values, FIRST_HEADING, &html) &&
        placeholders_text(text, values, &plain)) {
        json_object_set_new(draft->data, "markdown", json_string(buffer_text(&html)));
        json_object_set_new(draft->data, "plain", json_string(buffer_text(&plain)));
    } else {
        log_event(LOG_ERROR, "letter_failed",
                  log_text("kind", message_kind_name(draft->posting->kind)));
    }
    buffer_finish(&html);
    buffer_finish(&plain);
}

/* The name of the reader; NULL: not known. */
static const char *greeted(const struct posting *posting)
{
    const struct posting_line *reader = posting_reader(posting);
    if (posting->kind == MESSAGE_KIND_HANDED_OVER)
        return posting->former_name;
    return reader ? reader->name : NULL;
}

/* A companion gets a link to their own part only. */
static const char *manage_url(const struct draft *draft)
{
    const struct posting *posting = draft->posting;
    if (posting->traits->has_no_links || draft->is_duplicate ||
        posting->registration_status == REGISTRATION_STATUS_CANCELLED ||
        posting->registration_status == REGISTRATION_STATUS_UNVERIFIED)
        return NULL;
    if (is_for_registration(posting))
        return link_mailed(draft->worker, &posting->registration_id, "", posting->link_version,
                           posting->recipient, draft->arena);
    return posting->lines[0].status == REGISTRATION_STATUS_CONFIRMED
               ? link_companion(draft->worker, &posting->registration_id, &posting->attendee_id,
                                posting->link_version, draft->arena)
               : NULL;
}

/* The values for what the organiser wrote. A test has no link of a guest. */
static void fill_values(const struct draft *draft,
                        struct placeholder ret_values[MAIL_WORDS_PLACEHOLDERS + 1])
{
    const struct posting *posting = draft->posting;
    const char *event_url = json_string_value(json_object_get(draft->data, "event_url"));
    bool has_link = draft->letter->manage_url && posting->kind != MESSAGE_KIND_MAILING_TEST;
    mail_words_fill(
        &(struct mail_words_values){
            .name = draft->letter->greeted ? draft->letter->greeted : posting->lines[0].name,
            .event = json_string_value(json_object_get(draft->data, "title")),
            .ticket = has_link ? draft->letter->manage_url : event_url},
        ret_values);
}

/* The organiser's paragraph in one of our own letters. */
static void add_own_paragraph(struct draft *draft)
{
    static const enum message_kind kinds_of[EVENT_MAIL_COUNT] = {
        [EVENT_MAIL_CONFIRMED] = MESSAGE_KIND_CONFIRMED,
        [EVENT_MAIL_WAITLISTED] = MESSAGE_KIND_WAITLISTED,
        [EVENT_MAIL_PROMOTED] = MESSAGE_KIND_PROMOTED,
        [EVENT_MAIL_PENDING] = MESSAGE_KIND_PENDING,
        [EVENT_MAIL_APPROVED] = MESSAGE_KIND_APPROVED,
        [EVENT_MAIL_DECLINED] = MESSAGE_KIND_DECLINED,
        [EVENT_MAIL_REMINDER] = MESSAGE_KIND_REMINDER,
        [EVENT_MAIL_CANCELLED] = MESSAGE_KIND_CANCELLED,
    };
    for (size_t i = 0; i < EVENT_MAIL_COUNT; i++) {
        const char *text =
            event_text(draft->event, &draft->event->mail_texts[i], locale_code(draft->locale));
        struct placeholder values[MAIL_WORDS_PLACEHOLDERS + 1];
        if (kinds_of[i] != draft->kind || *text == '\0')
            continue;
        fill_values(draft, values);
        add_markdown(draft, text, values);
    }
}

/* What an organiser wrote to many. */
static void write_mailing(struct draft *draft)
{
    const struct posting *posting = draft->posting;
    struct placeholder values[MAIL_WORDS_PLACEHOLDERS + 1];
    struct buffer subject;
    fill_values(draft, values);
    buffer_init(&subject);
    placeholders_fill(posting->subject, values, &subject);
    draft->letter->subject = arena_copy(draft->arena, buffer_text(&subject));
    json_object_set_new(draft->data, "subject", json_string(draft->letter->subject));
    buffer_finish(&subject);
    add_markdown(draft, posting->text, values);
    draft->letter->html =
        render(draft, locale_page(draft->locale, "features/message/mailing.html"));
    draft->letter->text =
        render(draft, locale_plain(draft->locale, "features/message/mailing.txt"));
}

static void write(struct draft *draft)
{
    struct letter_text *letter = draft->letter;
    letter->greeted = greeted(draft->posting);
    letter->manage_url = manage_url(draft);
    add_facts(draft);
    if (draft->posting->text) {
        write_mailing(draft);
        return;
    }
    add_tickets(draft);
    json_object_set_new(draft->data, "greeting", say(draft, "greeting"));
    json_object_set_new(draft->data, "headline", say_of_kind(draft, "headline"));
    json_object_set_new(draft->data, "lead", say_of_kind(draft, "lead"));
    json_object_set_new(draft->data, "subject", say_of_kind(draft, "subject"));
    if (letter->manage_url && !draft->event->cancelled) /* nothing to manage after that */
        json_object_set_new(draft->data, "manage_url", json_string(letter->manage_url));
    add_more(draft);
    add_repeated(draft);
    add_action(draft);
    add_own_paragraph(draft);
    letter->subject =
        arena_copy(draft->arena, json_string_value(json_object_get(draft->data, "subject")));
    letter->html = render(draft, locale_page(draft->locale, "features/message/message.html"));
    letter->text = render(draft, locale_plain(draft->locale, "features/message/message.txt"));
}

bool letter_text_make(const struct worker *worker, const struct event *event,
                      const struct posting *posting, enum letter_reader reader, struct arena *arena,
                      struct letter_text *ret)
{
    const struct locale *locale = locale_find(worker->locales, posting->language);
    *ret = (struct letter_text){
        .locale = locale ? locale : locale_find(worker->locales, locale_languages[0])};
    bool is_duplicate = posting_is_duplicate(posting, event) && !posting->text;
    bool is_to_verify = posting->earlier.status == REGISTRATION_STATUS_UNVERIFIED;
    struct draft draft = {
        .worker = worker,
        .event = event,
        .posting = posting,
        .locale = ret->locale,
        .is_duplicate = is_duplicate,
        .kind = !is_duplicate  ? posting->kind
                : is_to_verify ? MESSAGE_KIND_UNVERIFIED
                               : MESSAGE_KIND_ALREADY_REGISTERED,
        .reader = reader,
        .arena = arena,
        .letter = ret,
        .data = json_object(),
    };
    write(&draft);
    json_decref(draft.data);
    return ret->text && ret->html;
}
