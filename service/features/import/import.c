#include "features/import/import.h"

#include "features/import/import_job.h"
#include "features/import/mapping.h"
#include "features/import/rest.h"
#include "features/import/result.h"
#include "features/import/upload.h"

static const struct route routes[] = {
    {"GET", "/events/{event}/attendees/import", ROUTE_DESK, WHO_EDITORS,
     .template = "features/import/upload.html", .handle = upload_show},
    {"GET", "/events/{event}/import", ROUTE_DESK, WHO_EDITORS,
     .template = "features/import/upload.html", .handle = upload_show},
    {"POST", "/events/{event}/attendees/import", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .body_bytes = UPLOAD_BODY_BYTES, .takes_file = true,
     .template = "features/import/upload.html", .handle = upload_take},
    {"GET", "/events/{event}/attendees/import/{import}/columns", ROUTE_API | ROUTE_DESK,
     WHO_EDITORS, .template = "features/import/mapping.html", .handle = mapping_show,
     .query = "encoding separator heading"},
    {"POST", "/events/{event}/attendees/import/{import}/check", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .template = "features/import/mapping.html", .handle = mapping_check},
    {"GET", "/events/{event}/attendees/import/{import}/people", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .template = "features/import/result.html", .handle = result_show, .query = "outcome after"},
    {"GET", "/events/{event}/attendees/import/{import}/rest.csv", ROUTE_API | ROUTE_DESK,
     WHO_EDITORS, .handle = rest_download},
    {"POST", "/events/{event}/attendees/import/{import}/start", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .template = "features/import/result.html", .handle = result_start},
    {.method = NULL},
};

static const struct command *const commands[] = {&command_attendees_import, NULL};

static const struct job_kind *const jobs[] = {&import_jobs, NULL};

static const struct periodic periodic[] = {
    {.run = import_job_sweep, .every_ms = IMPORT_SWEEP_EVERY_MS, .waits_after_jump = true},
    {0},
};

const struct feature feature_import = {
    .name = "import",
    .routes = routes,
    .commands = commands,
    .periodic = periodic,
    .jobs = jobs,
};
