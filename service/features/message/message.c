#include "features/message/message.h"

#include "features/message/kept.h"
#include "features/message/messages.h"
#include "features/message/outbox.h"

static const struct route routes[] = {
    {"GET", "/events/{event}/messages", ROUTE_API, WHO_READERS, .handle = messages_list},
    {"GET", "/registrations/{registration}/messages/{message}", ROUTE_API, WHO_EDITORS,
     .handle = messages_show},
    {"POST", "/registrations/{registration}/messages/{message}/retry", ROUTE_API, WHO_EDITORS,
     .body = BODY_JSON, .handle = messages_retry},
    {"GET", "/events/{event}/messages", ROUTE_PAGE, WHO_ANYBODY,
     .template = "features/message/kept.html", .handle = kept_list},
    {"GET", "/events/{event}/messages/{registration}/{message}", ROUTE_PAGE, WHO_ANYBODY,
     .template = "features/message/kept_letter.html", .handle = kept_show},
    {"GET", "/events/{event}/messages/{registration}/{message}/html", ROUTE_PLAIN, WHO_ANYBODY,
     .handle = kept_html},
    {"GET", "/events/{event}/messages/{registration}/{message}/file", ROUTE_PLAIN, WHO_ANYBODY,
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
