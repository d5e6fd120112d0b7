#include "features/door/door.h"

#include "base/memory.h"
#include "features/door/check_in.h"
#include "features/door/devices.h"
#include "features/door/door_guide.h"
#include "features/door/door_page.h"
#include "features/door/door_shell.h"
#include "features/door/doors.h"
#include "features/door/guest_list.h"
#include "features/door/live.h"
#include "features/door/news.h"
#include "features/door/undo.h"
#include "features/pace.h"
#include "http/assets.h"

static const struct route routes[] = {
    {.method = "GET",
     .path = "/door",
     .mount = ROUTE_PAGE,
     .who = WHO_ANYBODY,
     .template = "features/door/door.html",
     .handle = door_page},
    {.method = "GET",
     .path = "/door/guide",
     .mount = ROUTE_PAGE,
     .who = WHO_ANYBODY,
     .template = "features/door/door_guide.html",
     .handle = door_guide},
    {.method = "GET",
     .path = "/door/worker.js",
     .mount = ROUTE_PLAIN,
     .who = WHO_ANYBODY,
     .handle = door_shell_worker},
    {.method = "GET",
     .path = "/door/assets/{name}",
     .mount = ROUTE_PLAIN,
     .who = WHO_ANYBODY,
     .handle = assets_answer},
    {.method = "GET",
     .path = "/door.webmanifest",
     .mount = ROUTE_PLAIN,
     .who = WHO_ANYBODY,
     .handle = door_shell_manifest},
    {.method = "POST",
     .path = "/events/{event}/checkins",
     .mount = ROUTE_API,
     .who = WHO_ADMITTERS,
     .body = BODY_JSON,
     .body_bytes = CHECK_IN_BODY_BYTES,
     .handle = check_in_handle},
    {.method = "DELETE",
     .path = "/events/{event}/checkins/{nonce}",
     .mount = ROUTE_API,
     .who = WHO_ADMITTERS,
     .handle = undo_handle},
    {.method = "GET",
     .path = "/events/{event}/live",
     .mount = ROUTE_API,
     .who = WHO_ADMITTERS | WHO_READERS,
     .handle = live_show},
    {.method = "GET",
     .path = "/events/{event}/conflicts",
     .mount = ROUTE_API,
     .who = WHO_ADMITTERS | WHO_READERS,
     .handle = news_conflicts},
    {.method = "GET",
     .path = "/events/{event}/doors",
     .mount = ROUTE_API,
     .who = WHO_ADMITTERS | WHO_READERS,
     .handle = doors_show},
    {.method = "POST",
     .path = "/devices",
     .mount = ROUTE_API,
     .who = WHO_ANYBODY,
     .body = BODY_JSON,
     .handle = devices_pair},
    {.method = "GET",
     .path = "/events/{event}/devices",
     .mount = ROUTE_API,
     .who = WHO_EDITORS,
     .handle = devices_list},
    {.method = "DELETE",
     .path = "/events/{event}/devices/{device}",
     .mount = ROUTE_API,
     .who = WHO_EDITORS,
     .handle = devices_revoke},
    {.method = "PATCH",
     .path = "/events/{event}/devices/{device}",
     .mount = ROUTE_API,
     .who = WHO_EDITORS,
     .body = BODY_JSON,
     .handle = devices_change},
    {.method = "GET",
     .path = "/events/{event}/device",
     .mount = ROUTE_API,
     .who = WHO_DEVICES,
     .handle = devices_show_own},
    {.method = "PATCH",
     .path = "/events/{event}/device",
     .mount = ROUTE_API,
     .who = WHO_DEVICES,
     .body = BODY_JSON,
     .handle = devices_change_own},
    {.method = "DELETE",
     .path = "/events/{event}/device",
     .mount = ROUTE_API,
     .who = WHO_DEVICES,
     .handle = devices_revoke_own},
    {.method = "GET",
     .path = "/events/{event}/guest-list",
     .mount = ROUTE_API,
     .who = WHO_ADMITTERS,
     .handle = guest_list_show},
    {.method = "GET",
     .path = "/events/{event}/revoked-tickets",
     .mount = ROUTE_API,
     .who = WHO_ADMITTERS,
     .handle = guest_list_revoked},
    {0},
};

static void start(struct worker *worker)
{
    worker->pairing_pace = memory_alloc(sizeof *worker->pairing_pace);
    check_in_start(worker);
    live_start(worker);
}

static void stop(struct worker *worker)
{
    live_stop(worker);
    check_in_stop(worker);
    free(worker->pairing_pace);
    worker->pairing_pace = NULL;
}

const struct feature feature_door = {.name = "door",
                                     .routes = routes,
                                     .start = start,
                                     .stop = stop,
                                     .on_notice = live_on_notice,
                                     .on_gap = live_on_gap};
