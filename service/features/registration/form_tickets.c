#include "features/registration/form_tickets.h"

#include <string.h>

#include "event/access_code.h"
#include "form/field_view.h"
#include "view/locale.h"

static int64_t places_left(const struct form_input *input, const struct ticket_type *type)
{
    return input->event_view->counts ? event_view_type_places_left(input->event_view, type) : -1;
}

static bool is_sold_out(const struct form_input *input, const struct ticket_type *type)
{
    return !input->event_view->event->waiting_list && places_left(input, type) == 0;
}

/* What stands chosen before anybody chooses: what the code was given for, else what is open to all,
 * and of those the first that can be had. */
static size_t usual_type(const struct form_input *input)
{
    const struct event *event = input->event_view->event;
    size_t usual = event->ticket_type_count;
    int best = -1;
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const struct ticket_type *type = &event->ticket_types[i];
        int worth = 2 * !is_sold_out(input, type) + (type->code != NULL);
        if (access_code_opens(type, input->event_view->code) && worth > best) {
            best = worth;
            usual = i;
        }
    }
    return usual;
}

static size_t chosen_type(const struct form_input *input, const json_t *typed)
{
    const struct event *event = input->event_view->event;
    const char *slug = json_string_value(typed);
    const struct ticket_type *type = slug ? event_ticket_type(event, slug) : NULL;
    if (type && access_code_opens(type, input->event_view->code))
        return (size_t)(type - event->ticket_types);
    return usual_type(input);
}

static json_t *option(struct arena *arena, const struct form_input *input, const char *name,
                      const struct ticket_type *type, bool chosen)
{
    const struct event *event = input->event_view->event;
    int64_t left = places_left(input, type);
    bool is_first = type == event->ticket_types;
    json_t *view = json_pack(
        "{s:s, s:s, s:s, s:b, s:b, s:b, s:b}", "id",
        is_first ? name : arena_printf(arena, "%s.%s", name, type->slug), "slug", type->slug,
        "label", event_text(event, &type->title, locale_code(input->locale)), "chosen", chosen,
        "approval", event->approval || type->approval, "full", left == 0, "sold_out",
        /* What was chosen is never taken back unasked: sent again it is refused in words. */
        is_sold_out(input, type) && !chosen);
    if (left >= 0)
        json_object_set_new(view, "limited", json_pack("{s:I}", "places", (json_int_t)left));
    if (left > 0)
        json_object_set_new(view, "left", json_integer(left));
    return view;
}

static json_t *options(struct arena *arena, const struct form_input *input, const char *name,
                       size_t chosen)
{
    const struct event *event = input->event_view->event;
    json_t *list = json_array();
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const struct ticket_type *type = &event->ticket_types[i];
        if (access_code_opens(type, input->event_view->code))
            json_array_append_new(list, option(arena, input, name, type, i == chosen));
    }
    /* Links to the field lead to the first of them. */
    if (json_array_size(list) > 0)
        json_object_set_new(json_array_get(list, 0), "id", json_string(name));
    return list;
}

size_t form_tickets_add(struct arena *arena, const struct form_input *input, const char *prefix,
                        const json_t *typed, json_t *attendee)
{
    const char *name = arena_printf(arena, "%s.ticket_type", prefix);
    size_t chosen = chosen_type(input, typed);
    json_t *list = options(arena, input, name, chosen);
    if (json_array_size(list) > 1) {
        bool cards = json_array_size(list) <= FORM_CARDS_MOST;
        json_t *field = field_view_plain(input->errors, name, NULL);
        field_view_describe(arena, field);
        json_object_set_new(field, cards ? "as_cards" : "as_select",
                            json_pack("{s:O}", "options", list));
        json_object_set_new(attendee, "ticket_type", field);
    } else {
        json_object_set(attendee, "only", json_array_get(list, 0));
    }
    json_decref(list);
    return chosen;
}

/* Whether somebody would have to wait: the event or a type has fewer places than are asked for. */
static bool has_to_wait(const struct form_input *input, const size_t *chosen, size_t count)
{
    const struct event_view *view = input->event_view;
    if (!view->counts || !view->event->waiting_list)
        return false;
    int64_t all = view->counts->places_left;
    bool waits = all >= 0 && (int64_t)count > all;
    for (size_t i = 0; i < count && !waits; i++) {
        int64_t wanted = 0, left;
        if (chosen[i] >= view->event->ticket_type_count)
            continue;
        left = event_view_type_places_left(view, &view->event->ticket_types[chosen[i]]);
        for (size_t j = 0; j < count; j++)
            wanted += chosen[j] == chosen[i];
        waits = left >= 0 && wanted > left;
    }
    return waits;
}

void form_tickets_add_outcome(const struct form_input *input, const size_t *chosen, size_t count,
                              json_t *view)
{
    const struct event *event = input->event_view->event;
    bool waits = has_to_wait(input, chosen, count), asks = event->approval;
    for (size_t i = 0; i < count; i++)
        asks |= chosen[i] < event->ticket_type_count && event->ticket_types[chosen[i]].approval;
    json_object_set_new(view, "outcome",
                        json_pack("{s:b, s:b, s:b, s:b}", "wait", waits, "ask", !waits && asks,
                                  "register", !waits && !asks, "verify", event->verify_email));
}
