#include "features/attendee/attendee.h"

#include "features/attendee/download.h"
#include "features/attendee/index.h"
#include "features/attendee/list.h"

static const struct route routes[] = {
    {"GET", "/events/{event}/attendees", ROUTE_API, WHO_READERS | WHO_DOOR | WHO_DEVICE,
     .handle = list_handle},
    {"GET", "/events/{event}/attendees.csv", ROUTE_API | ROUTE_DESK, WHO_READERS,
     .handle = download_csv},
    {"GET", "/events/{event}/attendees.jsonl", ROUTE_API | ROUTE_DESK, WHO_READERS,
     .handle = download_jsonl},
    {"GET", "/events/{event}/attendees.xlsx", ROUTE_API | ROUTE_DESK, WHO_READERS,
     .handle = download_xlsx},
    {"GET", "/events/{event}/attendees.pdf", ROUTE_API | ROUTE_DESK, WHO_READERS,
     .handle = download_pdf},
    {.method = NULL},
};

static const struct command *const commands[] = {&command_attendees_export, NULL};

static const struct periodic periodic[] = {
    {.run = index_attendees, .every_ms = INDEX_EVERY_MS},
    {0},
};

const struct feature feature_attendee = {
    .name = "attendee",
    .commands = commands,
    .routes = routes,
    .periodic = periodic,
    .measure = index_measure,
};
