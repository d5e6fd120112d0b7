#include "features/editor/editor.h"

#include "event/pictures.h"
#include "features/editor/edit.h"
#include "features/editor/element.h"
#include "features/editor/new_event.h"
#include "features/editor/overview.h"
#include "features/editor/picture.h"
#include "features/editor/preview.h"
#include "features/editor/section.h"

#define EDITOR_PAGE(name) "features/editor/" name ".html"
#define EDITOR_POST(path, page, handler)                                                           \
    {                                                                                              \
        "POST", path, ROUTE_DESK, WHO_EDITORS, .body = BODY_JSON, .body_bytes = EDIT_BODY_BYTES,   \
                                               .template = EDITOR_PAGE(page), .handle = (handler)  \
    }

static const struct route routes[] = {
    {"GET", "/events/new", ROUTE_DESK, WHO_EDITORS, .template = EDITOR_PAGE("new"),
     .handle = new_event_show},
    EDITOR_POST("/events/new", "new", new_event_show),
    {"GET", "/events/{event}/edit", ROUTE_DESK, WHO_EDITORS, .template = EDITOR_PAGE("overview"),
     .handle = overview_show, .menu = "edit", .menu_place = 15},
    {"GET", "/events/{event}/edit/form-preview", ROUTE_DESK, WHO_EDITORS,
     .template = EDITOR_PAGE("form_preview"), .handle = preview_show_form},
    {"GET", "/events/{event}/edit/text/preview", ROUTE_DESK, WHO_EDITORS,
     .template = EDITOR_PAGE("text_preview"), .handle = preview_show_text},
    EDITOR_POST("/events/{event}/edit/text/preview", "text_preview", preview_show_text),
    {"GET", "/events/{event}/edit/picture", ROUTE_DESK, WHO_EDITORS,
     .template = EDITOR_PAGE("picture"), .handle = picture_show},
    {"POST", "/events/{event}/edit/picture", ROUTE_DESK, WHO_EDITORS, .body = BODY_JSON,
     .body_bytes = PICTURE_BODY_BYTES, .takes_file = true, .template = EDITOR_PAGE("picture"),
     .handle = picture_save},
    EDITOR_POST("/events/{event}/edit/picture/remove", "picture", picture_remove),
    {"GET", "/events/{event}/edit/{section}", ROUTE_DESK, WHO_EDITORS,
     .template = EDITOR_PAGE("section"), .handle = section_show},
    EDITOR_POST("/events/{event}/edit/{section}", "section", section_save),
    {"GET", "/events/{event}/edit/{list}/{item}", ROUTE_DESK, WHO_EDITORS,
     .template = EDITOR_PAGE("element"), .handle = element_show},
    EDITOR_POST("/events/{event}/edit/{list}/{item}", "element", element_save),
    EDITOR_POST("/events/{event}/edit/{list}/{item}/preview", "form_preview",
                preview_show_form_with),
    EDITOR_POST("/events/{event}/edit/{list}/{item}/move", "section", element_move),
    EDITOR_POST("/events/{event}/edit/{list}/{item}/remove", "section", element_remove),
    {0},
};

const struct feature feature_editor = {.name = "editor", .routes = routes};
