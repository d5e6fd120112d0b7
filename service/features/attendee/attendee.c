#include "features/attendee/attendee.h"

#include "features/attendee/bulk.h"
#include "features/attendee/bulk_job.h"
#include "features/attendee/download.h"
#include "features/attendee/filter.h"
#include "features/attendee/index.h"
#include "features/attendee/list.h"
#include "features/attendee/people.h"

static const struct route routes[] = {
    {"GET", "/events/{event}/attendees", ROUTE_API, WHO_READERS | WHO_DOOR | WHO_DEVICE,
     .handle = list_handle, .query = FILTER_QUERY " sort cursor limit"},
    {"GET", "/events/{event}/attendees.csv", ROUTE_API | ROUTE_DESK, WHO_READERS,
     .handle = download_csv, .query = FILTER_QUERY " sort columns dialect"},
    {"GET", "/events/{event}/attendees.jsonl", ROUTE_API | ROUTE_DESK, WHO_READERS,
     .handle = download_jsonl, .query = FILTER_QUERY " sort columns"},
    {"GET", "/events/{event}/attendees.xlsx", ROUTE_API | ROUTE_DESK, WHO_READERS,
     .handle = download_xlsx, .query = FILTER_QUERY " sort columns"},
    {"GET", "/events/{event}/attendees.pdf", ROUTE_API | ROUTE_DESK, WHO_READERS,
     .handle = download_pdf, .query = FILTER_QUERY " sort columns layout"},
    {"GET", "/events/{event}/attendees", ROUTE_DESK, WHO_READERS,
     .template = "features/attendee/people.html", .handle = people_show, .menu = "people",
     .menu_place = 20},
    {"POST", "/events/{event}/attendees/columns", ROUTE_DESK, WHO_READERS, .body = BODY_JSON,
     .template = "features/attendee/people.html", .handle = people_choose_columns},
    {"POST", "/events/{event}/attendees/bulk", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .template = "features/attendee/bulk.html", .handle = bulk_make,
     .query = FILTER_QUERY},
    {"GET", "/events/{event}/attendees/bulk/{bulk}/people", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .template = "features/attendee/bulk.html", .handle = bulk_show, .query = "outcome after"},
    {"POST", "/events/{event}/attendees/bulk/{bulk}/start", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .template = "features/attendee/bulk.html", .handle = bulk_confirm},
    {.method = NULL},
};

static const struct command *const commands[] = {&command_attendees_export, NULL};

static const struct job_kind *const jobs[] = {&bulk_jobs, NULL};

static const struct periodic periodic[] = {
    {.run = index_attendees, .every_ms = INDEX_EVERY_MS},
    {.run = bulk_job_sweep, .every_ms = BULK_SWEEP_EVERY_MS, .waits_after_jump = true},
    {0},
};

const struct feature feature_attendee = {
    .name = "attendee",
    .commands = commands,
    .routes = routes,
    .periodic = periodic,
    .measure = index_measure,
    .jobs = jobs,
};
