#include "features/editor/picture.h"

#include <string.h>

#include "base/text.h"
#include "db/db.h"
#include "event/events.h"
#include "event/pictures.h"
#include "features/editor/edit.h"
#include "features/editor/value.h"
#include "form/field_view.h"
#include "http/reply.h"
#include "http/request.h"
#include "statements.h"
#include "view/locale.h"
#include "worker.h"

#define PICTURE_PAGE "features/editor/picture.html"

/* Large enough for the widest page on a fine display. */
static const struct picture_wish wish = {.width = 1600, .height = 1600, .is_photo = true};

/* --- The page -------------------------------------------------------------------------------- */

static json_t *current_view(const struct event_picture *picture)
{
    if (!picture->name)
        return json_null();
    return json_pack("{s:o, s:i, s:i}", "url", json_sprintf(PICTURES_PATH "%s", picture->name),
                     "width", picture->width, "height", picture->height);
}

/* What was typed, or else what is stored. */
static json_t *alts_view(struct request *request, const json_t *errors)
{
    const struct event *event = request_event(request);
    const json_t *typed = json_object_get(request_body(request), "alt");
    json_t *list = json_array();
    for (size_t i = 0; i < event->language_count; i++) {
        const char *language = event->languages[i];
        const char *stored = event->picture.alt.by_language[i];
        json_t *value = typed ? json_incref(json_object_get(typed, language))
                              : json_string(stored ? stored : "");
        json_t *view = field_view_plain(
            errors, arena_printf(request_arena(request), "alt.%s", language), value);
        json_object_set_new(view, "code", json_string(language));
        json_object_set_new(view, "language", json_string(value_language(request, language)));
        json_array_append_new(list, view);
        json_decref(value);
    }
    return list;
}

static const char *path_of(struct request *request, const char *rest)
{
    return arena_printf(request_arena(request), "/desk/events/%s/edit%s",
                        request_event(request)->slug, rest);
}

/* Takes the errors, which may be NULL. */
static void reply_picture(struct request *request, int status, json_t *errors)
{
    const struct event *event = request_event(request);
    json_t *view = json_pack(
        "{s:s, s:s, s:s, s:o, s:o, s:o, s:b, s:b, s:o}", "back", path_of(request, ""), "action",
        path_of(request, "/picture"), "removal", path_of(request, "/picture/remove"), "picture",
        current_view(&event->picture), "file", field_view_plain(errors, "picture", NULL), "alts",
        alts_view(request, errors), "several", event->language_count > 1, "has_problems",
        errors != NULL, "problems", field_view_problems(request_arena(request), errors, false));
    json_decref(errors);
    reply_page(request, status, PICTURE_PAGE, view);
}

void picture_show(struct request *request)
{
    reply_picture(request, 200, NULL);
}

json_t *picture_entry(struct edit *edit)
{
    struct request *request = edit->request;
    const struct event *event = request_event(request);
    const char *alt = event_text(event, &event->picture.alt, locale_code(request_locale(request)));
    json_t *lines = json_array();
    if (event->picture.name)
        json_array_append_new(
            lines, json_string(*alt ? alt : edit_word(request, "editor.picture.there", NULL)));
    return json_pack("{s:s, s:s, s:b, s:o, s:s}", "href", edit_path(edit, "picture"), "title",
                     edit_word(request, "editor.picture.title", NULL), "any",
                     event->picture.name != NULL, "lines", lines, "none",
                     edit_word(request, "editor.picture.none", NULL));
}

/* --- Saving ---------------------------------------------------------------------------------- */

/* Lives in the request's arena. */
struct saving {
    const char *alt; /* JSON */
};

static json_t *finding(struct request *request, const char *pointer, const char *code, json_t *data)
{
    struct findings findings;
    findings_init(&findings, request_locale(request));
    findings_add(&findings, pointer, code, data);
    return findings_take(&findings);
}

static void go_on(struct request *request, const char *done)
{
    events_changed(request_worker(request), &request_event(request)->id);
    reply_see_other(request, arena_printf(request_arena(request), "%s?done=editor.%s",
                                          path_of(request, ""), done));
}

static void on_saved(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    switch (editor_picture_save_outcome(result->rows, 0)) {
    case PICTURE_OUTCOME_SAVED:
        go_on(request, "saved");
        return;
    case PICTURE_OUTCOME_MISSING:
        reply_picture(request, 422, finding(request, "/picture", "picture_needed", NULL));
        return;
    case PICTURE_OUTCOME_NONE:
        break;
    }
    reply_refuse(request, 500, "internal");
}

/* Without a new picture the present one stays. */
static void save(struct request *request, const struct stored_picture *picture, const char *alt)
{
    const int64_t width = picture ? picture->width : 0, height = picture ? picture->height : 0;
    db_ask(request_worker(request)->db,
           editor_picture_save_params(&(struct editor_picture_save){
               .event_id = &request_event(request)->id,
               .picture = picture ? picture->name : NULL,
               .width = picture ? &width : NULL,
               .height = picture ? &height : NULL,
               .alt = alt,
               .actor = request_caller(request)->label,
           }),
           on_saved, request);
}

static void on_stored(struct request *request, enum picture_fault fault,
                      const struct stored_picture *picture, void *context)
{
    const struct saving *saving = context;
    if (picture)
        save(request, picture, saving->alt);
    else
        reply_picture(
            request, 422,
            finding(request, "/picture", picture_fault_code(fault),
                    json_pack("{s:i, s:i}", "most", PICTURE_FILE_MOST_BYTES / (1024 * 1024),
                              "pixels", PICTURE_PIXELS_MOST / 1000000)));
}

/* Reads the texts as JSON by language. False: one is wrong, and the errors say why. */
static bool read_alts(struct request *request, const char **ret_json, json_t **ret_errors)
{
    const struct event *event = request_event(request);
    struct arena *arena = request_arena(request);
    const json_t *typed = json_object_get(request_body(request), "alt");
    json_t *alt = json_object();
    struct findings findings;
    findings_init(&findings, request_locale(request));
    for (size_t i = 0; i < event->language_count; i++) {
        const char *text = json_string_value(json_object_get(typed, event->languages[i]));
        const char *clean = text ? text_clean(arena, text) : NULL;
        if (!clean || !*clean)
            continue;
        if (text_length(clean) > PICTURE_ALT_MOST)
            findings_add(&findings, arena_printf(arena, "/alt/%s", event->languages[i]), "too_long",
                         json_pack("{s:i}", "most", PICTURE_ALT_MOST));
        else if (text_has_control(clean, false))
            findings_add(&findings, arena_printf(arena, "/alt/%s", event->languages[i]),
                         "control_characters", NULL);
        json_object_set_new(alt, event->languages[i], json_string(clean));
    }
    char *text = json_dumps(alt, JSON_COMPACT);
    *ret_json = arena_copy(arena, text);
    free(text);
    json_decref(alt);
    if (!findings_any(&findings)) {
        findings_finish(&findings);
        return true;
    }
    *ret_errors = findings_take(&findings);
    return false;
}

void picture_save(struct request *request)
{
    struct request_file file;
    struct saving *saving = arena_alloc(request_arena(request), sizeof *saving);
    json_t *errors;
    request_locale(request); /* headers can be read before a wait only */
    if (!read_alts(request, &saving->alt, &errors))
        reply_picture(request, 422, errors);
    else if (request_file(request, "picture", &file) && file.length > 0)
        picture_store(request, &file, &wish, on_stored, saving);
    else
        save(request, NULL, saving->alt);
}

static void on_removed(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome == DB_DONE)
        go_on(request, "removed");
    else
        reply_failed(request, result);
}

void picture_remove(struct request *request)
{
    const struct editor_picture_remove given = {.event_id = &request_event(request)->id,
                                                .actor = request_caller(request)->label};
    db_ask(request_worker(request)->db, editor_picture_remove_params(&given), on_removed, request);
}
