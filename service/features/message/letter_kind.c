#include "features/message/letter_kind.h"

#include <string.h>

const struct letter_kind letter_kind_all[] = {
    {.name = "confirmed", .statuses = KIND_WHILE_CONFIRMED, .calendar = KIND_CALENDAR_PUBLISH},
    {.name = "waitlisted", .statuses = KIND_WHILE_WAITLISTED},
    {.name = "promoted", .statuses = KIND_WHILE_WITH_PLACE, .calendar = KIND_CALENDAR_PUBLISH},
    {.name = "pending", .statuses = KIND_WHILE_PENDING},
    {.name = "approved", .statuses = KIND_WHILE_CONFIRMED, .calendar = KIND_CALENDAR_PUBLISH},
    {.name = "declined", .statuses = KIND_WHILE_CANCELLED, .survives_cancellation = true},
    {.name = "unverified", .statuses = KIND_WHILE_UNVERIFIED},
    {.name = "expired", .statuses = KIND_WHILE_CANCELLED, .survives_cancellation = true},
    {.name = "changed", .statuses = KIND_WHILE_REGISTERED, .calendar = KIND_CALENDAR_PUBLISH},
    {.name = "cancelled",
     .statuses = KIND_WHILE_CANCELLED,
     .calendar = KIND_CALENDAR_CANCEL,
     .survives_cancellation = true},
    {.name = "handed_on", .statuses = KIND_WHILE_CONFIRMED, .calendar = KIND_CALENDAR_PUBLISH},
    {.name = "handed_over",
     .statuses = KIND_ALWAYS,
     .calendar = KIND_CALENDAR_CANCEL,
     .has_no_links = true,
     .survives_cancellation = true},
    {.name = "reminder",
     .statuses = KIND_WHILE_CONFIRMED,
     .calendar = KIND_CALENDAR_PUBLISH,
     .is_to_many = true},
    {.name = "event_changed",
     .statuses = KIND_WHILE_REGISTERED,
     .calendar = KIND_CALENDAR_PUBLISH,
     .is_to_many = true},
    {.name = "event_cancelled",
     .statuses = KIND_WHILE_REGISTERED,
     .calendar = KIND_CALENDAR_CANCEL,
     .survives_cancellation = true},
    {.name = "resent", .statuses = KIND_WHILE_REGISTERED, .calendar = KIND_CALENDAR_PUBLISH},
    {0},
};

const struct letter_kind *letter_kind_find(const char *name)
{
    const struct letter_kind *kind = letter_kind_all;
    while (kind->name && strcmp(kind->name, name) != 0)
        kind++;
    return kind->name ? kind : NULL;
}

unsigned kind_status_bit(const char *status)
{
    static const struct {
        const char *name;
        unsigned bit;
    } bits[] = {
        {"unverified", KIND_WHILE_UNVERIFIED}, {"pending", KIND_WHILE_PENDING},
        {"waitlisted", KIND_WHILE_WAITLISTED}, {"confirmed", KIND_WHILE_CONFIRMED},
        {"cancelled", KIND_WHILE_CANCELLED},
    };
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
        if (strcmp(bits[i].name, status) == 0)
            return bits[i].bit;
    }
    return 0;
}
