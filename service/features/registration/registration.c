#include "features/registration/registration.h"

#include <strings.h>

#include "base/json_writer.h"
#include "event/event.h"
#include "event/links.h"
#include "http/reply.h"

enum { ANSWER_USUAL_BYTES = 2000 };

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

bool registration_holds_letter(const struct registration *registration,
                               const struct registered_attendee *attendee)
{
    bool has_own = attendee->status == REGISTRATION_STATUS_CONFIRMED && attendee->email &&
                   strcasecmp(attendee->email, registration->email) != 0;
    return !registration->is_vouched && !registration->erased_at_us &&
           (has_own || attendee->handed_on_to.name);
}

/* --- The view -------------------------------------------------------------------------------- */

struct telling {
    const struct worker *worker;
    const struct event *event;
    const struct registration *registration;
    const struct registration_view *view;
    struct arena *arena;
    struct json_writer json;
};

static void write_holder(struct telling *all, const char *member, const struct holder *holder)
{
    struct json_writer *json = &all->json;
    if (!holder->name)
        return;
    json_writer_object(json, member);
    json_writer_text(json, "name", holder->name);
    if (all->view->is_for_organiser)
        json_writer_id(json, "registration", &holder->registration_id);
    json_writer_end(json);
}

static void write_holders(struct telling *all, const struct registered_attendee *attendee)
{
    struct holder next = attendee->handed_on_to;
    if (next.name && !all->view->is_for_organiser)
        next.name = registration_initial(next.name, all->arena);
    write_holder(all, "handed_on_to", &next);
    write_holder(all, "handed_on_by", &attendee->handed_on_by);
}

static void write_ticket(struct telling *all, const struct registered_attendee *attendee)
{
    if (id_is_zero(&attendee->ticket_id) || all->event->cancelled || all->view->without_tickets)
        return;
    struct ticket_link link = link_ticket(all->worker, all->event, &attendee->ticket_id,
                                          attendee->ticket_expires_at_us, all->arena);
    json_writer_text(&all->json, "ticket", link.token);
    json_writer_text(&all->json, "ticket_url", link.url);
}

static void write_attendee(struct telling *all, const struct registered_attendee *attendee)
{
    struct json_writer *json = &all->json;
    json_writer_object(json, NULL);
    json_writer_id(json, "id", &attendee->id);
    json_writer_text(json, "name", attendee->name);
    if (attendee->email)
        json_writer_text(json, "email", attendee->email);
    json_writer_text(json, "ticket_type", attendee->ticket_type);
    json_writer_text(json, "status", registration_status_name(attendee->status));
    json_writer_jsonb(json, "answers", attendee->answers);
    if (attendee->first_admitted_at_us)
        json_writer_time(json, "first_admitted_at", attendee->first_admitted_at_us);
    write_ticket(all, attendee);
    write_holders(all, attendee);
    if (registration_holds_letter(all->registration, attendee))
        json_writer_text(json, "mail", "held");
    json_writer_end(json);
}

static void write_companion(struct telling *all, const struct registered_attendee *companion)
{
    struct json_writer *json = &all->json;
    json_writer_object(json, NULL);
    json_writer_text(json, "name", companion->name);
    json_writer_text(json, "ticket_type", companion->ticket_type);
    json_writer_text(json, "status", registration_status_name(companion->status));
    if (all->view->is_for_organiser)
        json_writer_id(json, "registration", &companion->holder_id);
    json_writer_end(json);
}

static void write_facts(struct telling *all)
{
    const struct registration *registration = all->registration;
    struct json_writer *json = &all->json;
    json_writer_id(json, "id", &registration->id);
    json_writer_text(json, "event", all->event->slug);
    json_writer_text(json, "status", registration_status_name(registration->status));
    if (all->event->cancelled)
        json_writer_bool(json, "event_cancelled", true);
    if (registration->waiting_position)
        json_writer_number(json, "waiting_position", registration->waiting_position);
    if (!registration->erased_at_us)
        json_writer_text(json, "email", registration->email);
    json_writer_text(json, "language", registration->language);
    json_writer_time(json, "created_at", registration->created_at_us);
    if (registration->version)
        json_writer_number(json, "version", registration->version);
    if (registration->held_until_us)
        json_writer_time(json, "held_until", registration->held_until_us);
    if (registration->erased_at_us)
        json_writer_time(json, "erased_at", registration->erased_at_us);
    if (all->view->is_for_organiser && registration->declined_before)
        json_writer_text(json, "earlier", "declined");
    if (all->view->is_for_organiser)
        json_writer_bool(json, "repeated", registration->is_repeated);
    json_writer_jsonb(json, "consents", registration->consents);
    if (all->view->manage_url)
        json_writer_text(json, "manage_url", all->view->manage_url);
}

void registration_reply(struct request *request, int status, const struct event *event,
                        const struct registration *registration,
                        const struct registration_view *view)
{
    struct buffer text;
    struct telling all = {.worker = request_worker(request),
                          .event = event,
                          .registration = registration,
                          .view = view,
                          .arena = request_arena(request)};
    buffer_init(&text);
    buffer_reserve(&text, ANSWER_USUAL_BYTES);
    json_writer_init(&all.json, &text);
    json_writer_object(&all.json, NULL);
    write_facts(&all);
    json_writer_list(&all.json, "attendees");
    for (size_t i = 0; i < registration->attendee_count; i++)
        write_attendee(&all, &registration->attendees[i]);
    json_writer_end(&all.json);
    if (registration->companion_count > 0) {
        json_writer_list(&all.json, "companions");
        for (size_t i = 0; i < registration->companion_count; i++)
            write_companion(&all, &registration->companions[i]);
        json_writer_end(&all.json);
    }
    json_writer_end(&all.json);
    reply_json(request, status, &text);
}
