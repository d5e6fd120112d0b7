#include <string.h>

#include "db/db.h"
#include "event/host.h"
#include "event/pictures.h"
#include "features/profile/profile.h"
#include "form/field_view.h"
#include "http/desk.h"
#include "http/page.h"
#include "http/reply.h"
#include "statements.h"
#include "view/colour.h"
#include "view/locale.h"
#include "worker.h"

/* Lives in its request's arena. */
struct work {
    struct request *request;
    int status;
    json_t *errors; /* owned; NULL: none */
    struct profile profile;
    bool removes_logo, has_own_colour; /* checkboxes of the desk's form */
    bool is_stale;                     /* saved again, it replaces what somebody else saved */
    const struct stored_picture *logo; /* NULL: none was uploaded */
};

static struct work *begin(struct request *request)
{
    struct work *work = arena_alloc(request_arena(request), sizeof *work);
    *work = (struct work){.request = request, .status = 200};
    request_locale(request); /* headers can be read before a wait only */
    return work;
}

/* Goes to the next organiser for which the caller works as a whole. NULL: there is none. */
static const struct id *next_own(const struct request *request, unsigned roles, size_t *at)
{
    const struct caller *caller = request_caller(request);
    while (*at < caller->membership_count) {
        const struct membership *membership = &caller->memberships[(*at)++];
        if ((membership->role & roles) && id_is_zero(&membership->event_id))
            return &membership->organiser_id;
    }
    return NULL;
}

static bool may_edit(const struct request *request, const struct id *organiser_id)
{
    const struct id *own;
    for (size_t at = 0; (own = next_own(request, WHO_EDITORS, &at));) {
        if (memcmp(own->bytes, organiser_id->bytes, sizeof own->bytes) == 0)
            return true;
    }
    return false;
}

static const char *page_path(struct request *request, const char *slug)
{
    return arena_printf(request_arena(request), "/desk/organisers/%s/profile", slug);
}

/* --- Which organiser ------------------------------------------------------------------------- */

static void on_list(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    if (rows_count(result->rows) == 1) {
        reply_see_other(request, page_path(request, rows_text(result->rows, 0, "slug")));
        return;
    }
    json_t *list = json_array();
    for (int row = 0; row < rows_count(result->rows); row++)
        json_array_append_new(list,
                              json_pack("{s:s, s:s}", "slug", rows_text(result->rows, row, "slug"),
                                        "name", rows_text(result->rows, row, "name")));
    reply_view(request, 200, json_pack("{s:o}", "organisers", list));
}

void profile_choose(struct request *request)
{
    struct params *params = profile_list_params();
    const struct id *own;
    for (size_t at = 0; (own = next_own(request, WHO_READERS, &at));)
        profile_list_add_own(params, own);
    request_locale(request); /* headers can be read before a wait only */
    db_ask(request_worker(request)->db, params, on_list, request);
}

/* --- As a view ------------------------------------------------------------------------------- */

static json_t *logo_view(const struct rows *rows)
{
    if (rows_is_null(rows, 0, "logo"))
        return json_null();
    return json_pack("{s:o, s:I, s:I}", "url",
                     json_sprintf(PICTURES_PATH "%s", rows_text(rows, 0, "logo")), "width",
                     (json_int_t)rows_number(rows, 0, "logo_width"), "height",
                     (json_int_t)rows_number(rows, 0, "logo_height"));
}

static json_t *tone_view(const char *accent, bool is_dark)
{
    struct colour_look look;
    colour_look(accent, is_dark, &look);
    return json_pack("{s:s, s:s, s:b}", "accent", look.accent, "on_accent", look.on_accent,
                     "is_changed", look.is_changed);
}

/* {"light", "dark"}: the tones that pages use; null without a colour. */
static json_t *tones_view(const char *accent)
{
    if (!colour_is(accent))
        return json_null();
    return json_pack("{s:o, s:o}", "light", tone_view(accent, false), "dark",
                     tone_view(accent, true));
}

/* The profile as PUT takes it, and what the service adds. Takes the profile. */
static json_t *document_view(json_t *profile, const struct rows *rows)
{
    const char *accent = json_string_value(json_object_get(profile, "accent"));
    json_object_set_new(profile, "name", json_string(rows_text(rows, 0, "name")));
    json_object_set_new(profile, "version", json_integer(rows_number(rows, 0, "version")));
    json_object_set_new(profile, "organiser", json_string(rows_text(rows, 0, "slug")));
    json_object_set_new(profile, "tones", tones_view(accent));
    json_object_set_new(profile, "logo", logo_view(rows));
    return profile;
}

static void add_texts(const struct field_showing *showing, json_t *view, const char *page,
                      const json_t *typed)
{
    json_t *list = json_array();
    for (size_t i = 0; i < profile_texts_form.count; i++) {
        const struct form_field *field = &profile_texts_form.fields[i];
        json_array_append_new(
            list, field_view(showing, field, page, json_object_get(typed, field->name)));
    }
    json_object_set_new(view, page, list);
}

/* The fields by name, as they were typed or are stored. */
static json_t *fields_view(const struct work *work, const json_t *values)
{
    json_t *view = json_object();
    const struct field_showing showing = {.arena = request_arena(work->request),
                                          .locale = request_locale(work->request),
                                          .errors = work->errors,
                                          .kept_emails = request_kept_emails(work->request)};
    for (size_t i = 0; i < profile_form.count; i++) {
        const struct form_field *field = &profile_form.fields[i];
        json_t *typed = json_object_get(values, field->name);
        if (field->of)
            add_texts(&showing, view, field->name, typed);
        else if (field->words)
            json_object_set_new(view, field->name, field_view(&showing, field, "", typed));
        else
            json_object_set_new(view, field->name,
                                field_view_plain(work->errors, field->name, typed));
    }
    json_object_set_new(view, "logo", field_view_plain(work->errors, "logo", NULL));
    return view;
}

/* Takes the stored profile. */
static json_t *desk_view(const struct work *work, json_t *stored, const struct rows *rows)
{
    struct request *request = work->request;
    const struct id organiser_id = rows_id(rows, 0, "organiser_id");
    json_t *typed = work->errors ? request_body(request) : stored;
    json_t *accent = json_object_get(typed, "accent");
    json_t *view = json_pack(
        "{s:s, s:s, s:b, s:b, s:o, s:o, s:o, s:o, s:I, s:b, s:b}", "slug",
        rows_text(rows, 0, "slug"), "name", rows_text(rows, 0, "name"), "may_edit",
        may_edit(request, &organiser_id), "has_problems", work->errors != NULL, "problems",
        field_view_problems(request_arena(request), work->errors, false), "logo", logo_view(rows),
        "tones", tones_view(json_string_value(json_object_get(stored, "accent"))), "field",
        fields_view(work, typed), "version",
        (json_int_t)(work->errors && !work->is_stale && work->profile.version >= 0
                         ? work->profile.version
                         : rows_number(rows, 0, "version")),
        "has_colour", work->errors ? work->has_own_colour : accent != NULL, "removes_logo",
        work->removes_logo);
    json_object_set_new(view, "colour",
                        json_is_string(accent) ? json_incref(accent)
                                               : json_string(HOST_USUAL_ACCENT));
    json_decref(stored);
    return view;
}

static json_t *view_of(const struct work *work, const struct rows *rows)
{
    json_t *stored = json_loads(rows_text(rows, 0, "profile"), 0, NULL);
    stored = document_view(stored ? stored : json_object(), rows);
    return request_is_desk(work->request) ? desk_view(work, stored, rows) : stored;
}

static void on_shown(void *context, const struct db_result *result)
{
    const struct work *work = context;
    struct request *request = work->request;
    bool is_found = result->outcome == DB_DONE && rows_count(result->rows) > 0;
    json_t *view = is_found ? view_of(work, result->rows) : NULL;
    json_decref(work->errors);
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
    } else if (!is_found) {
        reply_refuse(request, 404, "not_found");
    } else {
        if (request_is_desk(request))
            desk_allow_frame(request);
        reply_view(request, work->status, view);
    }
}

static void load(struct work *work, db_done *then)
{
    struct request *request = work->request;
    struct params *params = profile_show_params(
        &(struct profile_show){.organiser = request_path(request, "organiser")});
    const struct id *own;
    for (size_t at = 0; (own = next_own(request, WHO_READERS, &at));)
        profile_show_add_own(params, own);
    db_ask(request_worker(request)->db, params, then, work);
}

void profile_show(struct request *request)
{
    load(begin(request), on_shown);
}

/* --- How guests see it ----------------------------------------------------------------------- */

static void on_look(void *context, const struct db_result *result)
{
    const struct work *work = context;
    struct request *request = work->request;
    const char *source = NULL;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    if (rows_count(result->rows) == 0) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    json_t *guests = json_loads(rows_text(result->rows, 0, "guests"), 0, NULL);
    const char *accent = json_string_value(json_object_get(guests, "accent"));
    const struct host host = {
        .slug = rows_text(result->rows, 0, "slug"),
        .name = rows_text(result->rows, 0, "name"),
        .profile = guests,
        .style = accent ? host_style_make(accent, request_arena(request), &source) : NULL,
    };
    page_allow_style(request, source);
    page_allow_frames(request, "'self'");
    reply_view(
        request, 200,
        json_pack("{s:o}", "host", host_view_of(&host, locale_code(request_locale(request)))));
    json_decref(guests);
}

void profile_show_look(struct request *request)
{
    load(begin(request), on_look);
}

/* --- Saving ---------------------------------------------------------------------------------- */

/* Takes the errors. */
static void refuse(struct work *work, int status, json_t *errors)
{
    if (!request_is_desk(work->request)) {
        form_refuse(work->request, errors);
        return;
    }
    work->status = status;
    work->errors = errors;
    load(work, on_shown);
}

static json_t *finding(struct request *request, const char *pointer, const char *code)
{
    struct findings findings;
    findings_init(&findings, request_locale(request));
    findings_add(&findings, pointer, code,
                 json_pack("{s:i, s:i}", "most", PICTURE_FILE_MOST_BYTES >> 20, "pixels",
                           PICTURE_PIXELS_MOST / 1000000));
    return findings_take(&findings);
}

static void on_saved(void *context, const struct db_result *result)
{
    struct work *work = context;
    struct request *request = work->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    switch (profile_save_outcome(result->rows, 0)) {
    case PROFILE_OUTCOME_SAVED:
        if (request_is_desk(request))
            reply_see_other(request,
                            arena_printf(request_arena(request), "%s?done=profile.saved",
                                         page_path(request, request_path(request, "organiser"))));
        else
            load(work, on_shown);
        return;
    case PROFILE_OUTCOME_STALE:
        work->is_stale = true;
        if (request_is_desk(request))
            refuse(work, 409, finding(request, "/name", "profile_stale"));
        else
            reply_refuse(request, 409, "profile_stale");
        return;
    case PROFILE_OUTCOME_NOT_FOUND:
        reply_refuse(request, 404, "not_found");
        return;
    case PROFILE_OUTCOME_NONE:
        break;
    }
    reply_refuse(request, 500, "internal");
}

/* The profile as it is stored. */
static const char *document_of(const struct work *work)
{
    json_t *document = form_write(&profile_form, &work->profile, NULL);
    json_object_del(document, "name");
    json_object_del(document, "version");
    char *text = json_dumps(document, JSON_COMPACT);
    const char *copy = arena_copy(request_arena(work->request), text);
    free(text);
    json_decref(document);
    return copy;
}

static void save(struct work *work)
{
    struct request *request = work->request;
    const struct stored_picture *logo = work->logo;
    const struct id *own;
    int64_t version = work->profile.version;
    int64_t width = logo ? logo->width : 0, height = logo ? logo->height : 0;
    struct params *params = profile_save_params(&(struct profile_save){
        .organiser = request_path(request, "organiser"),
        .name = work->profile.name,
        .profile = document_of(work),
        .version = version >= 0 ? &version : NULL,
        .logo = logo ? logo->name : NULL,
        .logo_width = logo ? &width : NULL,
        .logo_height = logo ? &height : NULL,
        .keeps_logo = !logo && !work->removes_logo,
        .actor = request_caller(request)->label,
    });
    for (size_t at = 0; (own = next_own(request, WHO_EDITORS, &at));)
        profile_save_add_own(params, own);
    db_ask(request_worker(request)->db, params, on_saved, work);
}

static void on_logo(struct request *request, enum picture_fault fault,
                    const struct stored_picture *picture, void *context)
{
    struct work *work = context;
    work->logo = picture;
    if (picture)
        save(work);
    else
        refuse(work, 422, finding(request, "/logo", picture_fault_code(fault)));
}

/* Takes a checkbox out of the desk's form. */
static bool take_checkbox(json_t *body, const char *name)
{
    bool is_checked = json_object_get(body, name) != NULL;
    json_object_del(body, name);
    return is_checked;
}

static void read_checkboxes(struct work *work, json_t *body)
{
    work->removes_logo = take_checkbox(body, "remove_logo");
    work->has_own_colour = take_checkbox(body, "own_colour");
    json_object_del(body, "logo");
    if (!work->has_own_colour)
        json_object_del(body, "accent");
}

void profile_save(struct request *request)
{
    static const struct picture_wish wish = {LOGO_WIDTH_MOST, LOGO_HEIGHT_MOST, .is_photo = false};
    struct work *work = begin(request);
    struct request_file file;
    work->profile.version = -1;
    if (request_is_desk(request))
        read_checkboxes(work, request_body(request));
    json_t *errors = form_read_body(request, &profile_form, NULL, &work->profile);
    if (errors)
        refuse(work, 422, errors);
    else if (request_is_desk(request) && request_file(request, "logo", &file))
        picture_store(request, &file, &wish, on_logo, work);
    else
        save(work);
}
