#include "features/message/message.h"

#include "features/message/bounced.h"
#include "features/message/message_pages.h"
#include "features/message/messages.h"
#include "features/message/outbox.h"
#include "features/message/preview.h"

static const struct route routes[] = {
    {"GET", "/events/{event}/messages", ROUTE_API | ROUTE_DESK, WHO_READERS,
     .template = "features/message/messages.html", .menu = "messages", .menu_place = 60,
     .handle = messages_list, .query = "state kind q registration cursor limit"},
    {"GET", "/registrations/{registration}/messages/{message}", ROUTE_API, WHO_EDITORS,
     .handle = messages_show},
    {"POST", "/registrations/{registration}/messages/{message}/retry", ROUTE_API, WHO_EDITORS,
     .body = BODY_JSON, .handle = messages_retry},
    {"POST", "/events/{event}/messages/retry", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .template = "features/message/messages.html", .handle = messages_retry_all},
    {"POST", "/messages/bounced", ROUTE_API, WHO_EDITORS, .body = BODY_MAIL,
     .body_bytes = BOUNCED_BODY_BYTES, .handle = bounced_report},
    {"GET", "/events/{event}/messages/{registration}/{message}", ROUTE_DESK, WHO_EDITORS,
     .template = "features/message/message_page.html", .handle = message_pages_show},
    {"GET", "/events/{event}/messages/{registration}/{message}/html", ROUTE_DESK, WHO_EDITORS,
     .template = "features/message/message_page.html", .handle = message_pages_html},
    {"GET", "/events/{event}/messages/{registration}/{message}/file", ROUTE_DESK, WHO_EDITORS,
     .template = "features/message/message_page.html", .handle = message_pages_file},
    {"POST", "/events/{event}/messages/{registration}/{message}/retry", ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .template = "features/message/message_page.html", .handle = messages_retry},
    {"GET", "/events/{event}/attendees/{attendee}/mail-preview", ROUTE_DESK, WHO_EDITORS,
     .template = "features/message/preview.html", .handle = preview_show},
    {"POST", "/events/{event}/attendees/{attendee}/mail-preview", ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .body_bytes = PREVIEW_BODY_BYTES,
     .template = "features/message/preview.html", .handle = preview_show},
    {"GET", "/events/{event}/mailings/{mailing}/letters/{attendee}/html", ROUTE_DESK, WHO_EDITORS,
     .template = "features/message/preview.html", .handle = preview_mailing_html},
    {"GET", "/events/{event}/mailings/{mailing}/letters/{attendee}/text", ROUTE_DESK, WHO_EDITORS,
     .template = "features/message/preview.html", .handle = preview_mailing_text},
    {0},
};

static const struct command *const commands[] = {&command_message_list, &command_message_bounced,
                                                 NULL};

static const struct periodic periodic[] = {
    {.run = outbox_remind, .every_ms = OUTBOX_REMIND_EVERY_MS, .waits_after_jump = true},
    {0},
};

const struct feature feature_message = {
    .name = "message",
    .commands = commands,
    .routes = routes,
    .periodic = periodic,
    .start = outbox_start,
    .stop = outbox_stop,
    .measure = outbox_measure,
};
