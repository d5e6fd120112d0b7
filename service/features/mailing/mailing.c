#include "features/mailing/mailing.h"

#include "features/mailing/mailing_act.h"
#include "features/mailing/mailing_edit.h"
#include "features/mailing/mailing_job.h"
#include "features/mailing/mailing_page.h"
#include "features/mailing/mailings.h"

#define PAGE "features/mailing/mailing.html"

static const struct route routes[] = {
    {"GET", "/events/{event}/mailings", ROUTE_API | ROUTE_DESK, WHO_READERS,
     .template = "features/mailing/mailings.html", .menu = "mailings", .menu_place = 55,
     .handle = mailings_list, .query = "cursor"},
    {"GET", "/events/{event}/mailings/new", ROUTE_DESK, WHO_EDITORS,
     .template = "features/mailing/mailing_new.html", .handle = mailings_ask},
    {"POST", "/events/{event}/mailings", ROUTE_API | ROUTE_DESK, WHO_EDITORS, .body = BODY_JSON,
     .template = "features/mailing/mailing_new.html", .handle = mailings_make},
    {"GET", "/events/{event}/mailings/{mailing}", ROUTE_API | ROUTE_DESK, WHO_READERS,
     .template = PAGE, .handle = mailing_page_show, .query = "state cursor"},
    {"GET", "/events/{event}/mailings/{mailing}/edit", ROUTE_DESK, WHO_EDITORS,
     .template = "features/mailing/mailing_edit.html", .handle = mailing_edit_show},
    {"POST", "/events/{event}/mailings/{mailing}/edit", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .body_bytes = MAILING_BODY_BYTES,
     .template = "features/mailing/mailing_edit.html", .handle = mailing_edit_save},
    {"POST", "/events/{event}/mailings/{mailing}/test", ROUTE_DESK, WHO_EDITORS, .body = BODY_JSON,
     .template = PAGE, .handle = mailing_act_test},
    {"POST", "/events/{event}/mailings/{mailing}/send", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .template = PAGE, .handle = mailing_act_send},
    {"POST", "/events/{event}/mailings/{mailing}/stop", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .template = PAGE, .handle = mailing_act_stop},
    {"POST", "/events/{event}/mailings/{mailing}/again", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .template = PAGE, .handle = mailing_act_again},
    {"POST", "/events/{event}/mailings/{mailing}/discard", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .template = PAGE, .handle = mailing_act_discard},
    {0},
};

static const struct job_kind *const jobs[] = {&mailing_jobs, NULL};

const struct feature feature_mailing = {
    .name = "mailing",
    .routes = routes,
    .jobs = jobs,
};
