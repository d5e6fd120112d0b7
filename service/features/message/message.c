#include "features/message/message.h"

#include "features/message/kept.h"
#include "features/message/messages.h"
#include "features/message/outbox.h"

static const struct route routes[] = {
    {.method = "GET",
     .path = "/events/{event}/messages",
     .mount = ROUTE_API,
     .who = WHO_READERS,
     .handle = messages_list},
    {.method = "GET",
     .path = "/registrations/{registration}/messages/{message}",
     .mount = ROUTE_API,
     .who = WHO_EDITORS,
     .handle = messages_show},
    {.method = "POST",
     .path = "/registrations/{registration}/messages/{message}/retry",
     .mount = ROUTE_API,
     .who = WHO_EDITORS,
     .body = BODY_JSON,
     .handle = messages_retry},
    {.method = "GET",
     .path = "/events/{event}/messages",
     .mount = ROUTE_PAGE,
     .who = WHO_ANYBODY,
     .template = "features/message/kept.html",
     .handle = kept_list},
    {.method = "GET",
     .path = "/events/{event}/messages/{registration}/{message}",
     .mount = ROUTE_PAGE,
     .who = WHO_ANYBODY,
     .template = "features/message/kept_letter.html",
     .handle = kept_show},
    {.method = "GET",
     .path = "/events/{event}/messages/{registration}/{message}/html",
     .mount = ROUTE_PLAIN,
     .who = WHO_ANYBODY,
     .handle = kept_html},
    {.method = "GET",
     .path = "/events/{event}/messages/{registration}/{message}/file",
     .mount = ROUTE_PLAIN,
     .who = WHO_ANYBODY,
     .handle = kept_file},
    {0},
};

static const struct command *const commands[] = {&command_message_list, NULL};

static const struct periodic periodic[] = {
    {.run = outbox_remind, .every_ms = OUTBOX_REMIND_EVERY_MS},
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
