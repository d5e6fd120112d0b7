#include "features/registration/form_steps.h"

#include <string.h>

#include "base/text.h"
#include "event/event.h"

static json_t *attendees_of(json_t *typed)
{
    json_t *attendees = json_object_get(typed, "attendees");
    if (!json_is_array(attendees)) {
        attendees = json_array();
        json_object_set_new(typed, "attendees", attendees);
    }
    /* The form always shows one person. */
    if (json_array_size(attendees) == 0)
        json_array_append_new(attendees, json_object());
    return attendees;
}

static void add_attendee(const struct event *event, json_t *typed)
{
    json_t *attendees = attendees_of(typed);
    if (json_array_size(attendees) < (size_t)event->most_attendees)
        json_array_append_new(attendees, json_object());
}

static void remove_attendee(json_t *typed, const char *index_text)
{
    json_t *attendees = attendees_of(typed);
    long index, last = (long)json_array_size(attendees) - 1;
    if (last > 0 && index_text && text_parse_number(index_text, 0, last, &index))
        json_array_remove(attendees, (size_t)index);
}

static bool opens_more(const struct event *event, const char *code, const char *offered_for)
{
    bool more = false;
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const struct ticket_type *type = &event->ticket_types[i];
        more |= access_code_opens(type, code) && !access_code_opens(type, offered_for);
    }
    return more;
}

struct form_steps form_steps_take(const struct event *event, json_t *typed, const char *code)
{
    static const char *const own[] = {"more", "remove", "apply", "offered_for", FORM_TRAP};
    const json_t *more = json_object_get(typed, "more"), *remove = json_object_get(typed, "remove");
    const json_t *trap = json_object_get(typed, FORM_TRAP);
    const char *offered_for = json_string_value(json_object_get(typed, "offered_for"));
    struct form_steps steps = {
        .unfinished = more || remove || json_object_get(typed, "apply") ||
                      opens_more(event, code, offered_for),
        .trapped = trap && !(json_is_string(trap) && json_string_length(trap) == 0),
    };
    if (more)
        add_attendee(event, typed);
    if (remove)
        remove_attendee(typed, json_string_value(remove));
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        json_object_del(typed, own[i]);
    return steps;
}
