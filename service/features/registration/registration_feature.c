#include "features/registration/registration_feature.h"

#include "features/registration/add_person.h"
#include "features/registration/change_page.h"
#include "features/registration/companion.h"
#include "features/registration/confirm_page.h"
#include "features/registration/consents.h"
#include "features/registration/erasures.h"
#include "features/registration/fresh_link.h"
#include "features/registration/hand_on.h"
#include "features/registration/manage.h"
#include "features/registration/register_page.h"
#include "features/registration/person.h"
#include "features/registration/person_act.h"
#include "features/registration/personal_data.h"
#include "features/registration/resend.h"
#include "features/registration/sign_up.h"
#include "features/registration/upkeep.h"
#include "features/registration/verify.h"
#include "features/registration/walk_in.h"

static const struct route routes[] = {
    {"POST", "/events/{event}/registrations", ROUTE_API, WHO_ANYBODY, .body = BODY_JSON,
     .body_of_event = true, .handle = sign_up_handle},
    {"POST", "/events/{event}/walk-ins", ROUTE_API, WHO_DEVICE | WHO_DOOR | WHO_EDITORS,
     .body = BODY_JSON, .body_of_event = true, .handle = walk_in_handle},
    {"GET", "/events/{event}/attendees/new", ROUTE_DESK, WHO_EDITORS,
     .template = "features/registration/add_person.html", .handle = add_person_show},
    {"POST", "/events/{event}/attendees/new", ROUTE_DESK, WHO_EDITORS, .body = BODY_JSON,
     .body_of_event = true, .template = "features/registration/add_person.html",
     .handle = add_person_send},
    {"GET", "/events/{event}/register", ROUTE_PAGE, WHO_ANYBODY,
     .template = "features/registration/register.html", .handle = register_page_show},
    {"POST", "/events/{event}/register", ROUTE_PAGE, WHO_ANYBODY, .body = BODY_JSON,
     .body_of_event = true, .template = "features/registration/register.html",
     .handle = register_page_send},
    {"GET", "/registrations/{registration}", ROUTE_API | ROUTE_PAGE, WHO_MANAGE_LINK | WHO_READERS,
     .template = "features/registration/registration.html", .handle = manage_show},
    {"PATCH", "/registrations/{registration}", ROUTE_API, WHO_MANAGE_LINK | WHO_EDITORS,
     .body = BODY_JSON, .body_of_event = true, .handle = manage_change},
    {"DELETE", "/registrations/{registration}", ROUTE_API, WHO_MANAGE_LINK | WHO_EDITORS,
     .handle = manage_cancel, .query = "tell words"},
    {"GET", "/registrations/{registration}/cancel", ROUTE_PAGE, WHO_MANAGE_LINK,
     .template = "features/registration/confirm.html", .handle = confirm_page_cancel},
    {"POST", "/registrations/{registration}/cancel", ROUTE_PAGE, WHO_MANAGE_LINK, .body = BODY_JSON,
     .template = "features/registration/confirm.html", .handle = manage_cancel},
    {"GET", "/registrations/{registration}/change", ROUTE_PAGE, WHO_MANAGE_LINK,
     .template = "features/registration/change.html", .handle = change_page_show},
    {"POST", "/registrations/{registration}/change", ROUTE_PAGE, WHO_MANAGE_LINK, .body = BODY_JSON,
     .body_of_event = true, .template = "features/registration/change.html",
     .handle = change_page_send},
    {"GET", "/registrations/{registration}/address", ROUTE_PAGE, WHO_MANAGE_LINK,
     .template = "features/registration/address.html", .handle = change_page_show_address},
    {"POST", "/registrations/{registration}/address", ROUTE_PAGE, WHO_MANAGE_LINK,
     .body = BODY_JSON, .template = "features/registration/address.html",
     .handle = change_page_send_address},
    {"POST", "/registrations/{registration}/resend", ROUTE_API | ROUTE_PAGE,
     WHO_MANAGE_LINK | WHO_EDITORS, .body = BODY_JSON,
     .template = "features/registration/registration.html", .handle = manage_resend},
    {"GET", "/registrations/{registration}/new-link", ROUTE_PAGE, WHO_MANAGE_LINK,
     .template = "features/registration/fresh_link.html", .handle = fresh_link_show},
    {"POST", "/registrations/{registration}/new-link", ROUTE_PAGE, WHO_MANAGE_LINK,
     .body = BODY_JSON, .template = "features/registration/fresh_link.html",
     .handle = fresh_link_send},
    {"POST", "/registrations/{registration}/again", ROUTE_PAGE, WHO_ANYBODY, .body = BODY_JSON,
     .template = "features/registration/again.html", .handle = resend_handle},
    {"POST", "/registrations/{registration}/verification", ROUTE_API, WHO_ANYBODY,
     .body = BODY_JSON, .handle = verify_handle},
    {"GET", "/registrations/{registration}/verify", ROUTE_PAGE, WHO_ANYBODY,
     .template = "features/registration/verify.html", .handle = verify_show},
    {"POST", "/registrations/{registration}/verify", ROUTE_PAGE, WHO_ANYBODY, .body = BODY_JSON,
     .template = "features/registration/verify.html", .handle = verify_send},
    {"GET", "/registrations/{registration}/data", ROUTE_API, WHO_MANAGE_LINK | WHO_EDITORS,
     .handle = personal_data_show},
    {"DELETE", "/registrations/{registration}/data", ROUTE_API, WHO_MANAGE_LINK | WHO_EDITORS,
     .handle = personal_data_erase},
    {"GET", "/registrations/{registration}/data.json", ROUTE_PAGE, WHO_MANAGE_LINK,
     .template = "features/registration/registration.html", .handle = personal_data_show},
    {"GET", "/registrations/{registration}/consents", ROUTE_PAGE, WHO_MANAGE_LINK,
     .template = "features/registration/consents.html", .handle = consents_show},
    {"POST", "/registrations/{registration}/consents", ROUTE_API | ROUTE_PAGE,
     WHO_MANAGE_LINK | WHO_EDITORS, .body = BODY_JSON,
     .template = "features/registration/consents.html", .handle = consents_change},
    {"GET", "/registrations/{registration}/erase", ROUTE_PAGE, WHO_MANAGE_LINK,
     .template = "features/registration/confirm.html", .handle = confirm_page_erase},
    {"POST", "/registrations/{registration}/erase", ROUTE_PAGE, WHO_MANAGE_LINK, .body = BODY_JSON,
     .template = "features/registration/confirm.html", .handle = personal_data_erase},
    {"GET", "/registrations/{registration}/attendees/{attendee}", ROUTE_PAGE, WHO_ANYBODY,
     .template = "features/registration/companion.html", .handle = companion_show},
    {"POST", "/registrations/{registration}/attendees/{attendee}", ROUTE_PAGE, WHO_ANYBODY,
     .body = BODY_JSON, .template = "features/registration/companion.html",
     .handle = companion_take_over},
    {"POST", "/registrations/{registration}/attendees/{attendee}", ROUTE_API, WHO_ANYBODY,
     .body = BODY_JSON, .handle = companion_handle},
    {"DELETE", "/registrations/{registration}/attendees/{attendee}", ROUTE_API,
     WHO_MANAGE_LINK | WHO_EDITORS, .handle = manage_cancel_attendee, .query = "tell words"},
    {"GET", "/registrations/{registration}/attendees/{attendee}/cancel", ROUTE_PAGE,
     WHO_MANAGE_LINK, .template = "features/registration/confirm.html",
     .handle = confirm_page_cancel_attendee},
    {"POST", "/registrations/{registration}/attendees/{attendee}/cancel", ROUTE_PAGE,
     WHO_MANAGE_LINK, .body = BODY_JSON, .template = "features/registration/confirm.html",
     .handle = manage_cancel_attendee},
    {"POST", "/registrations/{registration}/attendees/{attendee}/ticket", ROUTE_API,
     WHO_MANAGE_LINK | WHO_EDITORS, .body = BODY_JSON, .handle = hand_on_handle},
    {"GET", "/registrations/{registration}/attendees/{attendee}/hand-on", ROUTE_PAGE,
     WHO_MANAGE_LINK, .template = "features/registration/hand_on.html", .handle = hand_on_show},
    {"POST", "/registrations/{registration}/attendees/{attendee}/hand-on", ROUTE_PAGE,
     WHO_MANAGE_LINK, .body = BODY_JSON, .template = "features/registration/hand_on.html",
     .handle = hand_on_send},
    {"GET", "/events/{event}/attendees/{attendee}", ROUTE_API | ROUTE_DESK, WHO_READERS | WHO_DOOR,
     .template = "features/registration/person.html", .handle = person_show},
    {"GET", "/events/{event}/attendees/{attendee}/{action}", ROUTE_DESK, WHO_EDITORS,
     .template = "features/registration/person_ask.html", .handle = person_act_ask},
    {"POST", "/events/{event}/attendees/{attendee}/{action}", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .body_of_event = true, .template = "features/registration/person_ask.html",
     .handle = person_act_handle},
    {"GET", "/events/{event}/resend", ROUTE_PAGE, WHO_ANYBODY,
     .template = "features/registration/resend.html", .handle = resend_show},
    {"POST", "/events/{event}/resend", ROUTE_API | ROUTE_PAGE, WHO_ANYBODY, .body = BODY_JSON,
     .template = "features/registration/resend.html", .handle = resend_handle},
    {0},
};

static const struct periodic periodic[] = {
    {.run = upkeep_end_holds, .every_ms = UPKEEP_HOLDS_EVERY_MS, .waits_after_jump = true},
    {.run = upkeep_move_up, .every_ms = UPKEEP_MOVES_EVERY_MS},
    {.run = erasures_catch_up, .every_ms = ERASURES_EVERY_MS},
    {0},
};

static const struct command *const commands[] = {&command_erasures_replay, NULL};

const struct feature feature_registration = {
    .name = "registration",
    .commands = commands,
    .routes = routes,
    .periodic = periodic,
    .measure = sign_up_measure,
};
