#include "features/attendee/attendee.h"

#include "features/attendee/download.h"
#include "features/attendee/list.h"

static const struct route routes[] = {
    {.method = "GET",
     .path = "/events/{event}/attendees",
     .mount = ROUTE_API,
     .who = WHO_READERS | WHO_DOOR | WHO_DEVICE,
     .handle = list_handle},
    {.method = "GET",
     .path = "/events/{event}/attendees.csv",
     .mount = ROUTE_API,
     .who = WHO_READERS,
     .handle = download_csv},
    {.method = "GET",
     .path = "/events/{event}/attendees.jsonl",
     .mount = ROUTE_API,
     .who = WHO_READERS,
     .handle = download_jsonl},
    {.method = NULL},
};

static const struct command *const commands[] = {&command_attendees_export, NULL};

const struct feature feature_attendee = {
    .name = "attendee", .commands = commands, .routes = routes};
