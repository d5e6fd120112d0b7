#include "features/publishing/publishing.h"

#include "features/publishing/acts.h"
#include "features/publishing/copy.h"
#include "features/publishing/definition.h"
#include "features/publishing/file.h"
#include "features/publishing/publish.h"
#include "features/publishing/versions.h"

#define DESK "/events/{event}/publish"
#define DESK_PAGE(name) "features/publishing/" name ".html"
#define DESK_GET(path, page, handler)                                                              \
    {                                                                                              \
        "GET", path, ROUTE_DESK, WHO_EDITORS, .template = DESK_PAGE(page), .handle = (handler)     \
    }
#define DESK_POST(path, page, handler)                                                             \
    {                                                                                              \
        "POST", path, ROUTE_DESK, WHO_EDITORS, BODY_JSON, .template = DESK_PAGE(page),             \
                                                          .handle = (handler)                      \
    }

static const struct route routes[] = {
    {"GET", "/events/{event}/definition", ROUTE_API, WHO_EDITORS, .handle = definition_show,
     .query = "version"},
    {"PUT", "/events/{event}/definition", ROUTE_API, WHO_EDITORS, BODY_JSON, EVENT_FILE_MOST_BYTES,
     .handle = definition_put, .query = "trial"},
    {"GET", DESK, ROUTE_DESK, WHO_EDITORS, .template = DESK_PAGE("publish"), .menu = "publish",
     .menu_place = 17, .handle = publish_show},
    DESK_GET(DESK "/preview", "preview", publish_preview),
    DESK_POST(DESK "/preview", "publish", publish_make_link),
    DESK_POST(DESK "/preview/revoke", "publish", publish_revoke_link),
    DESK_GET(DESK "/versions", "versions", versions_show),
    DESK_GET(DESK "/versions/{version}", "version", versions_compare),
    DESK_POST(DESK "/versions/{version}", "version", versions_bring_back),
    DESK_GET(DESK "/copy", "copy", copy_ask),
    DESK_POST(DESK "/copy", "copy", copy_make),
    DESK_GET(DESK "/file", "file", file_show),
    {"POST", DESK "/file", ROUTE_DESK, WHO_EDITORS, BODY_JSON, FILE_BODY_BYTES, DESK_PAGE("file"),
     file_check},
    {"GET", DESK "/file/download", ROUTE_DESK, WHO_EDITORS, .handle = file_download},
    {"POST", DESK "/file/apply", ROUTE_DESK, WHO_EDITORS, BODY_JSON, FILE_BODY_BYTES,
     DESK_PAGE("file"), file_apply},
    DESK_GET(DESK "/{act}", "act", acts_ask),
    DESK_POST(DESK "/{act}", "act", acts_do),
    {0},
};

const struct feature feature_publishing = {
    .name = "publishing",
    .routes = routes,
};
