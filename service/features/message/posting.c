#include "features/message/posting.h"

#include <jansson.h>

#include "base/clock.h"

#define NEWS_END_US (24 * 3600 * CLOCK_SECOND_US)

/* Bits of posting_kind.statuses. */
enum {
    WHILE_UNVERIFIED = 1,
    WHILE_PENDING = 2,
    WHILE_WAITLISTED = 4,
    WHILE_CONFIRMED = 8,
    WHILE_CANCELLED = 16,
    WHILE_WITH_PLACE = WHILE_UNVERIFIED | WHILE_PENDING | WHILE_CONFIRMED,
    WHILE_REGISTERED = WHILE_WITH_PLACE | WHILE_WAITLISTED,
    ALWAYS = WHILE_REGISTERED | WHILE_CANCELLED,
};

static const struct posting_kind all_kinds[] = {
    {.name = "confirmed", .statuses = WHILE_CONFIRMED, .calendar = POSTING_CALENDAR_PUBLISH},
    {.name = "waitlisted", .statuses = WHILE_WAITLISTED},
    {.name = "promoted", .statuses = WHILE_WITH_PLACE, .calendar = POSTING_CALENDAR_PUBLISH},
    {.name = "pending", .statuses = WHILE_PENDING},
    {.name = "approved", .statuses = WHILE_CONFIRMED, .calendar = POSTING_CALENDAR_PUBLISH},
    {.name = "declined", .statuses = WHILE_CANCELLED, .survives_cancellation = true},
    {.name = "unverified", .statuses = WHILE_UNVERIFIED},
    {.name = "expired", .statuses = WHILE_CANCELLED, .survives_cancellation = true},
    {.name = "changed", .statuses = WHILE_REGISTERED, .calendar = POSTING_CALENDAR_PUBLISH},
    {.name = "cancelled",
     .statuses = WHILE_CANCELLED,
     .calendar = POSTING_CALENDAR_CANCEL,
     .survives_cancellation = true},
    {.name = "handed_on", .statuses = WHILE_CONFIRMED, .calendar = POSTING_CALENDAR_PUBLISH},
    {.name = "handed_over",
     .statuses = ALWAYS,
     .calendar = POSTING_CALENDAR_CANCEL,
     .has_no_links = true,
     .survives_cancellation = true},
    {.name = "reminder",
     .statuses = WHILE_CONFIRMED,
     .calendar = POSTING_CALENDAR_PUBLISH,
     .is_to_many = true},
    {.name = "event_changed",
     .statuses = WHILE_REGISTERED,
     .calendar = POSTING_CALENDAR_PUBLISH,
     .is_to_many = true},
    {.name = "event_cancelled",
     .statuses = WHILE_REGISTERED,
     .calendar = POSTING_CALENDAR_CANCEL,
     .survives_cancellation = true},
    {.name = "resent", .statuses = WHILE_REGISTERED, .calendar = POSTING_CALENDAR_PUBLISH},
    {0},
};

static const struct posting_kind *find_kind(const char *name)
{
    const struct posting_kind *kind = all_kinds;
    while (kind->name && strcmp(kind->name, name) != 0)
        kind++;
    return kind->name ? kind : NULL;
}

static unsigned status_bit(const char *status)
{
    static const struct {
        const char *name;
        unsigned bit;
    } bits[] = {
        {"unverified", WHILE_UNVERIFIED}, {"pending", WHILE_PENDING},
        {"waitlisted", WHILE_WAITLISTED}, {"confirmed", WHILE_CONFIRMED},
        {"cancelled", WHILE_CANCELLED},
    };
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
        if (strcmp(bits[i].name, status) == 0)
            return bits[i].bit;
    }
    return 0;
}

static const char *text(struct arena *arena, const struct rows *rows, int row, const char *column)
{
    return arena_copy(arena, rows_text(rows, row, column));
}

static struct posting_line read_line(struct arena *arena, const struct rows *rows, int row)
{
    return (struct posting_line){
        .name = text(arena, rows, row, "name"),
        .ticket_type = text(arena, rows, row, "ticket_type"),
        .status = text(arena, rows, row, "attendee_status"),
        .ticket_id = rows_id(rows, row, "ticket_id"),
        .ticket_expires_at_us = rows_time(rows, row, "expires_at"),
    };
}

static const char *former_name(struct arena *arena, const char *about)
{
    json_t *json = json_loads(about, 0, NULL);
    const char *name = json_string_value(json_object_get(json, "name"));
    const char *copy = name ? arena_copy(arena, name) : NULL;
    json_decref(json);
    return copy;
}

static int count_lines(const struct rows *rows, int first)
{
    struct id message_id = rows_id(rows, first, "message_id");
    int row = first;
    while (row < rows_count(rows)) {
        struct id id = rows_id(rows, row, "message_id");
        if (!id_equal(&id, &message_id))
            break;
        row++;
    }
    return row - first;
}

struct posting *posting_read(struct arena *arena, const struct rows *rows, int *row)
{
    struct posting *posting = arena_alloc(arena, sizeof *posting);
    int first = *row, count = count_lines(rows, first);
    *posting = (struct posting){
        .event_id = rows_id(rows, first, "event_id"),
        .registration_id = rows_id(rows, first, "registration_id"),
        .message_id = rows_id(rows, first, "message_id"),
        .attendee_id = rows_id(rows, first, "attendee_id"),
        .kind = find_kind(rows_text(rows, first, "kind")),
        .event = text(arena, rows, first, "event"),
        .state = text(arena, rows, first, "state"),
        .recipient = text(arena, rows, first, "recipient"),
        .language = text(arena, rows, first, "language"),
        .registration_status = text(arena, rows, first, "registration_status"),
        .is_verified = rows_bool(rows, first, "is_verified"),
        .former_name = former_name(arena, rows_text(rows, first, "about")),
        .words = text(arena, rows, first, "words"),
        .tries = (int)rows_number(rows, first, "tries"),
        .code = (int)rows_number(rows, first, "code"),
        .created_at_us = rows_time(rows, first, "created_at"),
        .due_at_us = rows_time(rows, first, "due_at"),
        .sent_at_us = rows_time(rows, first, "sent_at"),
        .held_until = text(arena, rows, first, "held_until"),
        .waiting_position = rows_number(rows, first, "waiting_position"),
        .lines = arena_alloc(arena, (size_t)count * sizeof *posting->lines),
        .line_count = (size_t)count,
    };
    for (int i = 0; i < count; i++)
        posting->lines[i] = read_line(arena, rows, first + i);
    *row = first + count;
    return posting;
}

bool posting_holds(const struct posting *posting, const struct event *event, int64_t now_us)
{
    const struct posting_kind *kind = posting->kind;
    if (!kind || *posting->recipient == '\0' || now_us > event->ends_at_us + NEWS_END_US)
        return false;
    if (event->cancelled ? !kind->survives_cancellation
                         : strcmp(kind->name, "event_cancelled") == 0)
        return false;
    for (size_t i = 0; i < posting->line_count; i++) {
        if (kind->statuses & status_bit(posting->lines[i].status))
            return true;
    }
    return false;
}
