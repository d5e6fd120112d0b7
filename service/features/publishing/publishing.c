#include "features/publishing/publishing.h"

#include "event/event_file.h"
#include "features/publishing/definition.h"

static const struct route routes[] = {
    {"GET", "/events/{event}/definition", ROUTE_API, WHO_EDITORS, .handle = definition_show},
    {"PUT", "/events/{event}/definition", ROUTE_API, WHO_EDITORS, BODY_JSON, EVENT_FILE_MOST_BYTES,
     .handle = definition_put},
    {0},
};

const struct feature feature_publishing = {
    .name = "publishing",
    .routes = routes,
};
