#include "features/registration/registration.h"

#include <strings.h>

#include "event/event.h"
#include "event/links.h"
#include "http/reply.h"

static struct holder holder_from_row(struct arena *arena, const struct rows *rows, int row,
                                     const char *name, const char *id)
{
    if (rows_is_null(rows, row, name))
        return (struct holder){0};
    return (struct holder){.name = arena_copy(arena, rows_text(rows, row, name)),
                           .registration_id = rows_id(rows, row, id)};
}

static struct registered_attendee attendee_from_row(struct arena *arena, const struct rows *rows,
                                                    int row)
{
    return (struct registered_attendee){
        .id = rows_id(rows, row, "attendee_id"),
        .ticket_id = rows_id(rows, row, "ticket_id"),
        .ticket_expires_at_us = rows_time(rows, row, "ticket_expires_at"),
        .first_admitted_at_us = rows_time(rows, row, "first_admitted_at"),
        .name = arena_copy(arena, rows_text(rows, row, "name")),
        .email = rows_is_null(rows, row, "attendee_email")
                     ? NULL
                     : arena_copy(arena, rows_text(rows, row, "attendee_email")),
        .ticket_type = arena_copy(arena, rows_text(rows, row, "ticket_type")),
        .status = registration_show_status(rows, row),
        .answers = arena_copy(arena, rows_text(rows, row, "answers")),
        .handed_on_to = holder_from_row(arena, rows, row, "handed_on_to", "handed_on_to_id"),
        .handed_on_by = holder_from_row(arena, rows, row, "handed_on_by", "handed_on_by_id"),
    };
}

bool registration_from_rows(struct arena *arena, const struct rows *rows, struct registration *ret)
{
    int count = rows_count(rows);
    *ret = (struct registration){
        .id = rows_id(rows, 0, "registration_id"),
        .created_at_us = rows_time(rows, 0, "created_at"),
        .waiting_position = rows_number(rows, 0, "waiting_position"),
        .status = registration_show_registration_status(rows, 0),
        .email = arena_copy(arena, rows_text(rows, 0, "email")),
        .language = arena_copy(arena, rows_text(rows, 0, "language")),
        .consents = arena_copy(arena, rows_text(rows, 0, "consents")),
        .version = rows_number(rows, 0, "version"),
        .link_version = rows_number(rows, 0, "link_version"),
        .is_verified = rows_bool(rows, 0, "verified"),
        .is_vouched = rows_bool(rows, 0, "vouched"),
        .declined_before = rows_bool(rows, 0, "declined_before"),
        .is_repeated = rows_bool(rows, 0, "repeated"),
        .held_until_us = rows_time(rows, 0, "held_until"),
        .held_until_local = rows_is_null(rows, 0, "held_until")
                                ? NULL
                                : arena_copy(arena, rows_text(rows, 0, "held_until_local")),
        .erased_at_us = rows_time(rows, 0, "erased_at"),
        .attendees = arena_alloc(arena, (size_t)count * sizeof *ret->attendees),
        .attendee_count = (size_t)count,
    };
    bool is_known = ret->status != REGISTRATION_STATUS_NONE;
    for (int row = 0; row < count; row++) {
        struct id holder_id = rows_id(rows, row, "holder_id");
        ret->attendees[row] = attendee_from_row(arena, rows, row);
        is_known = is_known && ret->attendees[row].status != REGISTRATION_STATUS_NONE;
        if (!id_equal(&holder_id, &ret->id)) {
            ret->attendees[row].holder_id = holder_id;
            ret->companion_count++;
        }
    }
    ret->attendee_count -= ret->companion_count;
    ret->companions = ret->attendees + ret->attendee_count;
    return is_known;
}

const char *registration_initial(const char *name, struct arena *arena)
{
    size_t length = 1;
    if (strcmp(name, "–") == 0) /* erased */
        return name;
    while ((name[length] & 0xc0) == 0x80) /* the rest of a character in UTF-8 */
        length++;
    return arena_printf(arena, "%.*s…", (int)length, name);
}

static void set_holder(json_t *view, const char *member, const struct holder *holder,
                       bool is_for_organiser)
{
    if (!holder->name)
        return;
    json_t *json = json_pack("{s:s}", "name", holder->name);
    if (is_for_organiser)
        json_object_set_new(json, "registration", view_id(&holder->registration_id));
    json_object_set_new(view, member, json);
}

static void set_holders(json_t *view, const struct registered_attendee *attendee,
                        bool is_for_organiser, struct arena *arena)
{
    struct holder next = attendee->handed_on_to;
    if (next.name && !is_for_organiser)
        next.name = registration_initial(next.name, arena);
    set_holder(view, "handed_on_to", &next, is_for_organiser);
    set_holder(view, "handed_on_by", &attendee->handed_on_by, is_for_organiser);
}

static json_t *companion_view(const struct registered_attendee *companion, bool is_for_organiser)
{
    json_t *view =
        json_pack("{s:s, s:s, s:s}", "name", companion->name, "ticket_type", companion->ticket_type,
                  "status", registration_status_name(companion->status));
    if (is_for_organiser)
        json_object_set_new(view, "registration", view_id(&companion->holder_id));
    return view;
}

static json_t *attendee_view(const struct worker *worker, const struct event *event,
                             const struct registered_attendee *attendee, struct arena *arena)
{
    json_t *view = json_object();
    json_object_set_new(view, "id", view_id(&attendee->id));
    json_object_set_new(view, "name", json_string(attendee->name));
    if (attendee->email)
        json_object_set_new(view, "email", json_string(attendee->email));
    json_object_set_new(view, "ticket_type", json_string(attendee->ticket_type));
    json_object_set_new(view, "status", json_string(registration_status_name(attendee->status)));
    json_object_set_new(view, "answers", json_loads(attendee->answers, 0, NULL));
    if (attendee->first_admitted_at_us)
        json_object_set_new(view, "first_admitted_at", view_time(attendee->first_admitted_at_us));
    if (!id_is_zero(&attendee->ticket_id) && !event->cancelled) {
        struct ticket_link link =
            link_ticket(worker, event, &attendee->ticket_id, attendee->ticket_expires_at_us, arena);
        json_object_set_new(view, "ticket", json_string(link.token));
        json_object_set_new(view, "ticket_url", json_string(link.url));
    }
    return view;
}

bool registration_holds_letter(const struct registration *registration,
                               const struct registered_attendee *attendee)
{
    bool has_own = attendee->status == REGISTRATION_STATUS_CONFIRMED && attendee->email &&
                   strcasecmp(attendee->email, registration->email) != 0;
    return !registration->is_vouched && !registration->erased_at_us &&
           (has_own || attendee->handed_on_to.name);
}

json_t *registration_view(const struct worker *worker, const struct event *event,
                          const struct registration *registration, bool is_for_organiser,
                          struct arena *arena)
{
    json_t *view = json_object(), *attendees = json_array(), *companions = json_array();
    json_object_set_new(view, "id", view_id(&registration->id));
    json_object_set_new(view, "event", json_string(event->slug));
    json_object_set_new(view, "status",
                        json_string(registration_status_name(registration->status)));
    if (event->cancelled)
        json_object_set_new(view, "event_cancelled", json_true());
    if (registration->waiting_position)
        json_object_set_new(view, "waiting_position", json_integer(registration->waiting_position));
    if (!registration->erased_at_us)
        json_object_set_new(view, "email", json_string(registration->email));
    json_object_set_new(view, "language", json_string(registration->language));
    json_object_set_new(view, "created_at", view_time(registration->created_at_us));
    if (registration->version)
        json_object_set_new(view, "version", json_integer(registration->version));
    if (registration->held_until_us)
        json_object_set_new(view, "held_until", view_time(registration->held_until_us));
    if (registration->erased_at_us)
        json_object_set_new(view, "erased_at", view_time(registration->erased_at_us));
    if (is_for_organiser && registration->declined_before)
        json_object_set_new(view, "earlier", json_string("declined"));
    if (is_for_organiser)
        json_object_set_new(view, "repeated", json_boolean(registration->is_repeated));
    json_object_set_new(view, "consents", json_loads(registration->consents, 0, NULL));
    json_object_set_new(
        view, "manage_url",
        json_string(link_manage(worker, &registration->id, registration->link_version, arena)));
    for (size_t i = 0; i < registration->attendee_count; i++) {
        const struct registered_attendee *attendee = &registration->attendees[i];
        json_t *shown = attendee_view(worker, event, attendee, arena);
        set_holders(shown, attendee, is_for_organiser, arena);
        if (registration_holds_letter(registration, attendee))
            json_object_set_new(shown, "mail", json_string("held"));
        json_array_append_new(attendees, shown);
    }
    json_object_set_new(view, "attendees", attendees);
    for (size_t i = 0; i < registration->companion_count; i++)
        json_array_append_new(companions,
                              companion_view(&registration->companions[i], is_for_organiser));
    if (registration->companion_count > 0)
        json_object_set(view, "companions", companions);
    json_decref(companions);
    return view;
}
