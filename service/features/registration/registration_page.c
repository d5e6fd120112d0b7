#include "features/registration/registration_page.h"

#include "base/clock.h"
#include "event/answers.h"
#include "event/event.h"
#include "event/links.h"
#include "features/registration/manage_page.h"
#include "http/reply.h"
#include "view/locale.h"
#include "view/qr.h"

struct page_input {
    struct errand *errand;
    const struct event *event;
    const struct registration *registration;
    const char *language;
    bool has_keys; /* the caller may change it */
    bool is_over;
    size_t coming; /* attendees who are not cancelled */
};

static void add_ticket(const struct page_input *input, const struct registered_attendee *attendee,
                       json_t *view)
{
    struct request *request = input->errand->request;
    struct arena *arena = request_arena(request);
    struct buffer svg;
    if (id_is_zero(&attendee->ticket_id) || !input->has_keys || input->event->cancelled)
        return;
    struct ticket_link link =
        link_ticket(request_worker(request), input->event, &attendee->ticket_id,
                    attendee->ticket_expires_at_us, arena);
    buffer_init(&svg);
    if (qr_svg(link.token, attendee->name, &svg))
        json_object_set_new(view, "qr", json_string(buffer_text(&svg)));
    buffer_finish(&svg);
    char number[ID_NUMBER_BYTES];
    id_number(&attendee->id, number);
    json_object_set_new(view, "ticket_number", json_string(number));
    json_object_set_new(view, "ticket_link",
                        json_string(arena_printf(arena, "/tickets/%s", link.token)));
    if (!input->is_over && !attendee->first_admitted_at_us)
        json_object_set_new(
            view, "hand_on_link",
            json_string(manage_page_attendee_link(input->errand, &attendee->id, "/hand-on")));
}

/* The former holder learns only the first letter of who has the ticket now. */
static void set_holder(const struct page_input *input, json_t *view, const char *member,
                       const struct holder *holder)
{
    struct request *request = input->errand->request;
    bool is_whole = strcmp(member, "handed_on_by") == 0 || request_role(request) & WHO_READERS;
    if (holder->name)
        json_object_set_new(
            view, member,
            json_string(is_whole ? holder->name
                                 : registration_initial(holder->name, request_arena(request))));
}

static const char *type_title(const struct page_input *input, const char *slug)
{
    struct request *request = input->errand->request;
    return event_type_title(input->event, slug, request_locale(request), request_arena(request));
}

static json_t *companion_view(const struct page_input *input,
                              const struct registered_attendee *companion)
{
    bool is_cancelled = companion->status == REGISTRATION_STATUS_CANCELLED;
    return json_pack("{s:s, s:s, s:b, s:b}", "name", companion->name, "ticket_type_title",
                     type_title(input, companion->ticket_type), "is_companion", !is_cancelled,
                     "is_gone", is_cancelled);
}

static json_t *attendee_view(const struct page_input *input,
                             const struct registered_attendee *attendee)
{
    bool is_cancelled = attendee->status == REGISTRATION_STATUS_CANCELLED;
    json_t *view = json_pack("{s:s, s:s, s:b, s:b}", "name", attendee->name, "ticket_type_title",
                             type_title(input, attendee->ticket_type), "is_cancelled",
                             is_cancelled && !attendee->handed_on_to.name, "came",
                             attendee->first_admitted_at_us != 0);
    if (attendee->email)
        json_object_set_new(view, "own_email", json_string(attendee->email));
    set_holder(input, view, "handed_on_to", &attendee->handed_on_to);
    set_holder(input, view, "handed_on_by", &attendee->handed_on_by);
    add_ticket(input, attendee, view);
    if (input->has_keys && input->coming > 1 && !is_cancelled && !input->is_over &&
        !input->event->cancelled && !attendee->first_admitted_at_us)
        json_object_set_new(
            view, "cancel_link",
            json_string(manage_page_attendee_link(input->errand, &attendee->id, "/cancel")));
    return view;
}

static void set_link(const struct page_input *input, json_t *links, const char *name,
                     const char *page)
{
    json_object_set_new(links, name, json_string(manage_page_link(input->errand, page)));
}

static bool has_come(const struct registration *registration)
{
    for (size_t i = 0; i < registration->attendee_count; i++) {
        if (registration->attendees[i].first_admitted_at_us)
            return true;
    }
    return false;
}

/* Links to the actions that are possible now. */
static json_t *links_view(const struct page_input *input)
{
    const struct registration *registration = input->registration;
    json_t *links = json_object();
    if (!input->has_keys)
        return links;
    set_link(input, links, "data", "/data.json");
    if (registration->erased_at_us)
        return links;
    set_link(input, links, "erase", "/erase");
    if (input->event->consent_count > 0 || strcmp(registration->consents, "[]") != 0)
        set_link(input, links, "consents", "/consents");
    if (registration->status == REGISTRATION_STATUS_CANCELLED)
        return links;
    if (clock_now_us() < input->event->changes_until_us && !input->event->cancelled)
        set_link(input, links, "change", "/change");
    if (!input->is_over && !input->event->cancelled) {
        set_link(input, links, "resend", "/resend");
        if (registration->status != REGISTRATION_STATUS_UNVERIFIED)
            set_link(input, links, "new_link", "/new-link");
        if (!registration->is_verified)
            set_link(input, links, "address", "/address");
    }
    if (!input->is_over && !input->event->cancelled && !has_come(registration))
        set_link(input, links, "cancel", "/cancel");
    return links;
}

/* Whether all people of a registration have or had their place elsewhere. */
static bool has_left(const struct registration *registration)
{
    for (size_t i = 0; i < registration->attendee_count; i++) {
        if (!registration->attendees[i].handed_on_to.name)
            return false;
    }
    return true;
}

/* {"confirmed": true}: the template has a section for each state. */
static json_t *state_view(const struct page_input *input)
{
    const struct registration *registration = input->registration;
    enum registration_status status = registration->status;
    const char *state = registration_status_name(status);
    if (registration->erased_at_us)
        state = "erased";
    else if (input->event->cancelled)
        state = "event_cancelled";
    else if (input->is_over && status == REGISTRATION_STATUS_CONFIRMED)
        state = "over";
    else if (input->is_over && status != REGISTRATION_STATUS_CANCELLED)
        state = "past"; /* the registration no longer waits */
    else if (status == REGISTRATION_STATUS_CANCELLED && has_left(registration))
        state = "left";
    return json_pack("{s:b}", state, true);
}

/* Whether somebody who got the ticket from another person owes a required answer. */
static bool lacks_answers(const struct event *event, const struct registered_attendee *attendee)
{
    bool lacks = false;
    if (!attendee->handed_on_by.name || attendee->status != REGISTRATION_STATUS_CONFIRMED)
        return false;
    json_t *answers = json_loads(attendee->answers, 0, NULL);
    for (size_t i = 0; i < event->question_count; i++) {
        const struct question *question = &event->questions[i];
        lacks |= question->required && !json_object_get(answers, question->slug) &&
                 answers_show(event, question, answers);
    }
    json_decref(answers);
    return lacks;
}

static bool lacks_consents(const struct event *event, const struct registration *registration)
{
    for (size_t i = 0; i < event->consent_count; i++) {
        if (event->consents[i].required)
            return strcmp(registration->consents, "[]") == 0;
    }
    return false;
}

/* {"answers": link, "consents": link} that a new holder still owes. NULL: nothing. */
static json_t *asks_view(const struct page_input *input, const json_t *links)
{
    const struct registration *registration = input->registration;
    json_t *asks = json_object(), *change = json_object_get(links, "change");
    json_t *consents = json_object_get(links, "consents");
    for (size_t i = 0; change && i < registration->attendee_count; i++) {
        if (lacks_answers(input->event, &registration->attendees[i]))
            json_object_set(asks, "answers", change);
    }
    if (consents && registration->status == REGISTRATION_STATUS_CONFIRMED && !input->is_over &&
        !input->event->cancelled && lacks_consents(input->event, registration))
        json_object_set(asks, "consents", consents);
    if (json_object_size(asks) > 0)
        return asks;
    json_decref(asks);
    return NULL;
}

/* Adds ?done= of the link, if there is a wording for it. */
static void add_done(json_t *view, struct request *request)
{
    static const char *const known[] = {
        "changed",  "handed_on", "cancelled", "cancelled_one", "told",
        "verified", "erased",    "moved",     "consent_given", "consent_withdrawn"};
    const char *done = request_query(request, "done");
    for (size_t i = 0; done && i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i], done) == 0)
            json_object_set_new(view, "done", json_pack("{s:b}", known[i], true));
    }
}

static json_t *attendees_view(const struct page_input *input)
{
    json_t *attendees = json_array();
    if (input->registration->erased_at_us)
        return attendees;
    for (size_t i = 0; i < input->registration->attendee_count; i++)
        json_array_append_new(attendees, attendee_view(input, &input->registration->attendees[i]));
    for (size_t i = 0; i < input->registration->companion_count; i++)
        json_array_append_new(attendees,
                              companion_view(input, &input->registration->companions[i]));
    return attendees;
}

/* The names of those whose letter waits until the reader opens a link of their own mail. */
static void set_held_for(json_t *view, const struct registration *registration, struct arena *arena)
{
    const char *names = "";
    for (size_t i = 0; i < registration->attendee_count; i++) {
        const struct registered_attendee *attendee = &registration->attendees[i];
        const char *name = attendee->handed_on_to.name
                               ? registration_initial(attendee->handed_on_to.name, arena)
                               : attendee->name;
        if (registration_holds_letter(registration, attendee))
            names = arena_printf(arena, "%s%s%s", names, *names ? ", " : "", name);
    }
    if (*names)
        json_object_set_new(view, "held_for", json_string(names));
}

static json_t *page_view(const struct page_input *input)
{
    const struct registration *registration = input->registration;
    const struct worker *worker = request_worker(input->errand->request);
    struct arena *arena = request_arena(input->errand->request);
    json_t *view = manage_page_view(input->errand);
    int64_t age_us = clock_now_us() - registration->created_at_us;
    json_object_set_new(view, "state", state_view(input));
    json_object_set_new(view, "several", json_boolean(input->coming > 1));
    json_object_set_new(view, "email", json_string(registration->email));
    set_held_for(view, registration, arena);
    json_object_set_new(view, "attendees", attendees_view(input));
    json_t *links = links_view(input);
    json_object_set_new(view, "links", links);
    json_object_set_new(view, "asks", asks_view(input, links));
    if (registration->waiting_position)
        json_object_set_new(view, "waiting_position", json_integer(registration->waiting_position));
    if (registration->held_until_local)
        json_object_set_new(view, "held_until", json_string(registration->held_until_local));
    json_object_set_new(view, "changes_until",
                        json_string(input->event->changes_until ? input->event->changes_until
                                                                : input->event->starts_at));
    if (input->has_keys)
        json_object_set_new(
            view, "manage_url",
            json_string(link_manage(worker, &registration->id, registration->link_version, arena)));
    else
        json_object_del(view, "self");
    add_done(view, input->errand->request);
    bool fresh = age_us < REGISTRATION_PAGE_FRESH_S * CLOCK_SECOND_US;
    json_object_set_new(view, "fresh", json_boolean(fresh && !json_object_get(view, "done")));
    return view;
}

void registration_page_reply(struct errand *errand, const struct registration *registration)
{
    struct request *request = errand->request;
    struct page_input input = {
        .errand = errand,
        .event = request_event(request),
        .registration = registration,
        .language = locale_code(request_locale(request)),
        .has_keys = request_role(request) & (WHO_MANAGE_LINK | WHO_EDITORS),
        .is_over = manage_page_is_over(errand),
    };
    for (size_t i = 0; i < registration->attendee_count; i++)
        input.coming += registration->attendees[i].status != REGISTRATION_STATUS_CANCELLED;
    reply_page(request, 200, "features/registration/registration.html", page_view(&input));
}
