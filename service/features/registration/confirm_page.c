#include "features/registration/confirm_page.h"

#include "features/registration/manage_page.h"
#include "http/reply.h"

/* The names of attendees who are not cancelled. */
static json_t *people(const struct registration *registration)
{
    json_t *names = json_array();
    for (size_t i = 0; i < registration->attendee_count; i++) {
        const struct registered_attendee *attendee = &registration->attendees[i];
        if (attendee->status != REGISTRATION_STATUS_CANCELLED)
            json_array_append_new(names, json_pack("{s:s}", "name", attendee->name));
    }
    return names;
}

/* `what` is a section of confirm.html. */
static void ask(const struct errand *errand, const char *what, const char *action, json_t *names)
{
    json_t *view = manage_page_view(errand);
    json_object_set_new(view, "ask", json_pack("{s:b}", what, true));
    json_object_set_new(view, "action", json_string(action));
    json_object_set_new(view, "several", json_boolean(json_array_size(names) > 1));
    json_object_set_new(view, "has_people", json_boolean(json_array_size(names) > 0));
    json_object_set_new(view, "people", names);
    json_object_set_new(view, "is_over", json_boolean(manage_page_is_over(errand)));
    reply_page(errand->request, 200, "features/registration/confirm.html", view);
}

static void ask_to_cancel(struct errand *errand, const struct registration *registration)
{
    bool is_waiting = registration->status == REGISTRATION_STATUS_WAITLISTED;
    ask(errand, is_waiting ? "leave_list" : "cancel", manage_page_link(errand, "/cancel"),
        people(registration));
}

static void ask_to_cancel_attendee(struct errand *errand, const struct registration *registration)
{
    const struct registered_attendee *attendee = errand_attendee(errand, registration);
    if (attendee)
        ask(errand, "cancel_one", manage_page_attendee_link(errand, &attendee->id, "/cancel"),
            json_pack("[{s:s}]", "name", attendee->name));
}

/* A cancelled registration can be erased, so errand_look_to_change does not fit. */
static void ask_to_erase(struct errand *errand, const struct registration *registration)
{
    if (registration->erased_at_us)
        reply_see_other(errand->request, manage_page_link(errand, ""));
    else
        ask(errand, "erase", manage_page_link(errand, "/erase"), people(registration));
}

void confirm_page_cancel(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (errand)
        errand_look_to_change(errand, ask_to_cancel);
}

void confirm_page_cancel_attendee(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (errand)
        errand_look_to_change(errand, ask_to_cancel_attendee);
}

void confirm_page_erase(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (errand)
        errand_look(errand, ask_to_erase);
}
