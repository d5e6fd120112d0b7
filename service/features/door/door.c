#include "features/door/door.h"

#include "base/memory.h"
#include "features/door/admissions.h"
#include "features/door/by_hand.h"
#include "features/door/check_in.h"
#include "features/door/devices.h"
#include "features/door/door_guide.h"
#include "features/door/door_page.h"
#include "features/door/door_shell.h"
#include "features/door/doors.h"
#include "features/door/guest_list.h"
#include "features/door/live.h"
#include "features/door/live_page.h"
#include "features/door/news.h"
#include "features/door/pairing_codes.h"
#include "features/door/phones.h"
#include "features/door/undo.h"
#include "http/assets.h"

static const struct route routes[] = {
    {"GET", "/door", ROUTE_PAGE, WHO_ANYBODY, .template = "features/door/door.html",
     .handle = door_page},
    {"GET", "/door/guide", ROUTE_PAGE, WHO_ANYBODY, .template = "features/door/door_guide.html",
     .handle = door_guide},
    {"GET", "/door/worker.js", ROUTE_PLAIN, WHO_ANYBODY, .handle = door_shell_worker},
    {"GET", "/door/assets/{name}", ROUTE_PLAIN, WHO_ANYBODY, .handle = assets_answer},
    {"GET", "/door.webmanifest", ROUTE_PLAIN, WHO_ANYBODY, .handle = door_shell_manifest},
    {"POST", "/events/{event}/checkins", ROUTE_API, WHO_ADMITTERS, .body = BODY_JSON,
     .body_bytes = CHECK_IN_BODY_BYTES, .handle = check_in_handle},
    {"DELETE", "/events/{event}/checkins/{nonce}", ROUTE_API, WHO_ADMITTERS, .handle = undo_handle,
     .query = "undone_at"},
    {"POST", "/events/{event}/attendees/{attendee}/check-in", ROUTE_DESK, WHO_DOOR | WHO_EDITORS,
     .body = BODY_JSON, .template = "web/problem.html", .handle = by_hand_check_in},
    {"POST", "/events/{event}/attendees/{attendee}/undo-check-in", ROUTE_DESK,
     WHO_DOOR | WHO_EDITORS, .body = BODY_JSON, .template = "web/problem.html",
     .handle = by_hand_undo},
    {"GET", "/events/{event}/live", ROUTE_API, WHO_ADMITTERS | WHO_READERS, .handle = live_show},
    {"GET", "/events/{event}/live", ROUTE_DESK, WHO_READERS | WHO_DOOR,
     .template = "features/door/live.html", .menu = "live", .menu_place = 40,
     .handle = live_page_show},
    {"GET", "/events/{event}/arrivals", ROUTE_API, WHO_READERS | WHO_DOOR,
     .handle = live_page_show},
    {"GET", "/events/{event}/conflicts", ROUTE_API, WHO_ADMITTERS | WHO_READERS,
     .handle = news_conflicts},
    {"GET", "/events/{event}/doors", ROUTE_API, WHO_ADMITTERS | WHO_READERS, .handle = doors_show},
    {"POST", "/devices", ROUTE_API, WHO_ANYBODY, .body = BODY_JSON, .handle = devices_pair},
    {"GET", "/events/{event}/devices", ROUTE_API, WHO_EDITORS, .handle = devices_list},
    {"POST", "/events/{event}/devices", ROUTE_API, WHO_EDITORS, .body = BODY_JSON,
     .handle = pairing_codes_add},
    {"DELETE", "/events/{event}/devices/{device}", ROUTE_API, WHO_EDITORS,
     .handle = devices_revoke},
    {"PATCH", "/events/{event}/devices/{device}", ROUTE_API, WHO_EDITORS, .body = BODY_JSON,
     .handle = devices_change},
    {"GET", "/events/{event}/doors", ROUTE_DESK, WHO_EDITORS,
     .template = "features/door/phones.html", .menu = "doors", .menu_place = 50,
     .handle = phones_list},
    {"POST", "/events/{event}/doors", ROUTE_DESK, WHO_EDITORS, .body = BODY_JSON,
     .template = "features/door/phones.html", .handle = pairing_codes_add},
    {"GET", "/events/{event}/doors/{device}", ROUTE_DESK, WHO_EDITORS,
     .template = "features/door/phone.html", .handle = phones_show},
    {"POST", "/events/{event}/doors/{device}", ROUTE_DESK, WHO_EDITORS, .body = BODY_JSON,
     .template = "features/door/phone.html", .handle = devices_change},
    {"POST", "/events/{event}/doors/{device}/code", ROUTE_DESK, WHO_EDITORS, .body = BODY_JSON,
     .template = "features/door/phone.html", .handle = phones_renew},
    {"POST", "/events/{event}/doors/{device}/revoke", ROUTE_DESK, WHO_EDITORS, .body = BODY_JSON,
     .template = "features/door/phone.html", .handle = devices_revoke},
    {"GET", "/events/{event}/device", ROUTE_API, WHO_DEVICES, .handle = devices_show_own},
    {"POST", "/events/{event}/device", ROUTE_API, WHO_DEVICES, .body = BODY_JSON,
     .handle = devices_report},
    {"PATCH", "/events/{event}/device", ROUTE_API, WHO_DEVICES, .body = BODY_JSON,
     .handle = devices_change_own},
    {"DELETE", "/events/{event}/device", ROUTE_API, WHO_DEVICES, .handle = devices_revoke_own},
    {"GET", "/events/{event}/guest-list", ROUTE_API, WHO_ADMITTERS, .handle = guest_list_show,
     .query = "cursor since"},
    {"POST", "/events/{event}/admissions", ROUTE_API, WHO_DEVICE, .body = BODY_JSON,
     .handle = admissions_note},
    {"GET", "/events/{event}/admissions", ROUTE_API, WHO_READERS | WHO_DOOR,
     .handle = admissions_list, .query = "cursor"},
    {"POST", "/events/{event}/admissions/{nonce}/match", ROUTE_API, WHO_DOOR | WHO_EDITORS,
     .body = BODY_JSON, .handle = admissions_match},
    {"POST", "/events/{event}/admissions/{nonce}/walk-in", ROUTE_API, WHO_DOOR | WHO_EDITORS,
     .body = BODY_JSON, .handle = admissions_walk_in},
    {"POST", "/events/{event}/admissions/{nonce}/dismiss", ROUTE_API, WHO_DOOR | WHO_EDITORS,
     .handle = admissions_dismiss},
    {"GET", "/events/{event}/admissions", ROUTE_DESK, WHO_READERS | WHO_DOOR,
     .template = "features/door/admissions.html", .menu_of = "live", .handle = admissions_list},
    {"GET", "/events/{event}/admissions/{nonce}", ROUTE_DESK, WHO_DOOR | WHO_EDITORS,
     .template = "features/door/admission.html", .menu_of = "live", .handle = admissions_show},
    {"POST", "/events/{event}/admissions/{nonce}/match", ROUTE_DESK, WHO_DOOR | WHO_EDITORS,
     .body = BODY_JSON, .template = "web/problem.html", .handle = admissions_match},
    {"POST", "/events/{event}/admissions/{nonce}/walk-in", ROUTE_DESK, WHO_DOOR | WHO_EDITORS,
     .body = BODY_JSON, .template = "web/problem.html", .handle = admissions_walk_in},
    {"POST", "/events/{event}/admissions/{nonce}/dismiss", ROUTE_DESK, WHO_DOOR | WHO_EDITORS,
     .body = BODY_JSON, .template = "web/problem.html", .handle = admissions_dismiss},
    {"GET", "/events/{event}/revoked-tickets", ROUTE_API, WHO_ADMITTERS,
     .handle = guest_list_revoked, .query = "since cursor"},
    {0},
};

static const struct command *const commands[] = {&command_door_pair, &command_door_list,
                                                 &command_door_unpair, &command_door_change, NULL};

static const struct periodic periodic[] = {
    {.run = admissions_forget, .every_ms = ADMISSIONS_FORGET_EVERY_MS, .waits_after_jump = true},
    {0},
};

const struct feature feature_door = {
    .name = "door",
    .commands = commands,
    .routes = routes,
    .periodic = periodic,
    .start = live_start,
    .stop = live_stop,
    .on_notice = live_on_notice,
    .on_gap = live_on_gap,
    .measure = check_in_measure,
};
