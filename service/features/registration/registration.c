#include "features/registration/registration.h"

#include "event/links.h"
#include "http/view.h"

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
        .is_verified = rows_bool(rows, 0, "verified"),
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
        ret->attendees[row] = attendee_from_row(arena, rows, row);
        is_known = is_known && ret->attendees[row].status != REGISTRATION_STATUS_NONE;
    }
    return is_known;
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
    if (!id_is_zero(&attendee->ticket_id)) {
        struct ticket_link link =
            link_ticket(worker, event, &attendee->ticket_id, attendee->ticket_expires_at_us, arena);
        json_object_set_new(view, "ticket", json_string(link.token));
        json_object_set_new(view, "ticket_url", json_string(link.url));
    }
    return view;
}

json_t *registration_view(const struct worker *worker, const struct event *event,
                          const struct registration *registration, struct arena *arena)
{
    json_t *view = json_object(), *attendees = json_array();
    json_object_set_new(view, "id", view_id(&registration->id));
    json_object_set_new(view, "event", json_string(event->slug));
    json_object_set_new(view, "status",
                        json_string(registration_status_name(registration->status)));
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
    json_object_set_new(view, "consents", json_loads(registration->consents, 0, NULL));
    json_object_set_new(view, "manage_url",
                        json_string(link_manage(worker, &registration->id, arena)));
    for (size_t i = 0; i < registration->attendee_count; i++)
        json_array_append_new(attendees,
                              attendee_view(worker, event, &registration->attendees[i], arena));
    json_object_set_new(view, "attendees", attendees);
    return view;
}
