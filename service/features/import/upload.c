#include "features/import/upload.h"

#include <string.h>

#include "base/text.h"
#include "db/db.h"
#include "event/event.h"
#include "features/import/piece.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "statements.h"
#include "view/locale.h"
#include "worker.h"

enum { NAME_MOST = 200 };

const char *upload_link(struct request *request, const struct id *import_id, const char *page)
{
    char id[ID_TEXT_BYTES];
    id_format(import_id, id);
    return arena_printf(request_arena(request), "%s/events/%s/attendees/import/%s/%s",
                        request_is_desk(request) ? "/desk" : "/api/v1",
                        request_event(request)->slug, id, page);
}

/* Takes the errors; NULL: none. */
static void show(struct request *request, int status, json_t *errors)
{
    const char *slug = request_event(request)->slug;
    json_t *problems = field_view_problems(request_arena(request), errors, false);
    json_t *view =
        json_pack("{s:s, s:s, s:b, s:o, s:o, s:o}", "list",
                  arena_printf(request_arena(request), "/desk/events/%s/attendees", slug), "action",
                  arena_printf(request_arena(request), "/desk/events/%s/attendees/import", slug),
                  "has_problems", json_array_size(problems) > 0, "problems", problems, "file_field",
                  field_view_plain(errors, "file", NULL), "text_field",
                  field_view_plain(errors, "text", json_object_get(request_body(request), "text")));
    json_decref(errors);
    reply_page(request, status, "features/import/upload.html", view);
}

void upload_show(struct request *request)
{
    show(request, 200, NULL);
}

/* --- What was brought ------------------------------------------------------------------------ */

struct upload {
    struct request *request;
    struct id import_id;
    const char *name, *text; /* NULL: none */
    const char *bytes;
    size_t length;
};

static const struct form_field upload_fields[] = {
    {"name", KIND_TEXT, FORM_AT(struct upload, name), .most = NAME_MOST},
    {"text", KIND_RAW, FORM_AT(struct upload, text)},
    {"file"},
};
static const struct form upload_form = FORM(struct upload, upload_fields);

static bool has_start(const struct upload *upload, const char *start, size_t length)
{
    return upload->length >= length && memcmp(upload->bytes, start, length) == 0;
}

/* The code of the finding; NULL: it can be read. */
static const char *fault_of(const struct upload *upload)
{
    static const char zip[] = "PK\x03\x04", ole[] = "\xd0\xcf\x11\xe0", pdf[] = "%PDF";
    if (upload->length == 0)
        return "import_nothing";
    if (upload->length > IMPORT_FILE_MOST_BYTES)
        return "import_too_large";
    if (has_start(upload, zip, sizeof zip - 1))
        return "import_workbook";
    if (has_start(upload, ole, sizeof ole - 1))
        return "import_old_workbook";
    return has_start(upload, pdf, sizeof pdf - 1) ? "import_no_list" : NULL;
}

static json_t *finding(struct request *request, const char *pointer, const char *code)
{
    struct findings findings;
    findings_init(&findings, request_locale(request));
    findings_add(&findings, pointer, code,
                 json_pack("{s:i}", "most", IMPORT_FILE_MOST_BYTES >> 20));
    return findings_take(&findings);
}

static void on_stored(void *context, const struct db_result *result)
{
    struct upload *upload = context;
    struct request *request = upload->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    const char *link = upload_link(request, &upload->import_id, "columns");
    if (request_is_desk(request)) {
        reply_see_other(request, link);
        return;
    }
    reply_header(request, "Location", link);
    reply_view(request, 201, json_pack("{s:o}", "id", view_id(&upload->import_id)));
}

/* A name that the browser gives is not checked by a form. */
static const char *clean_name(struct arena *arena, const char *name)
{
    const char *clean = name ? text_clean(arena, name) : NULL;
    bool is_good = clean && !text_has_control(clean, false) && text_length(clean) <= NAME_MOST;
    return is_good ? clean : "";
}

void upload_take(struct request *request)
{
    struct upload *upload = arena_alloc(request_arena(request), sizeof *upload);
    struct request_file file;
    upload->request = request;
    json_t *errors = form_read_body(request, &upload_form, NULL, upload);
    bool has_file = request_file(request, "file", &file);
    if (has_file) {
        upload->name = file.name;
        upload->bytes = file.bytes;
        upload->length = file.length;
    } else if (upload->text) {
        upload->bytes = upload->text;
        upload->length = strlen(upload->text);
    }
    const char *code = errors ? NULL : fault_of(upload);
    if (code)
        errors = finding(request, has_file || !upload->text ? "/file" : "/text", code);
    if (errors && request_is_desk(request)) {
        show(request, 422, errors);
        return;
    }
    if (errors) {
        form_refuse(request, errors);
        return;
    }
    id_make_in(request_event(request)->number, &upload->import_id);
    enum list_encoding encoding =
        has_file ? list_encoding_guess(upload->bytes, upload->length) : LIST_UTF_8;
    db_run(request_worker(request)->db,
           &(struct db_query){.lane = DB_SLOW,
                              .run = import_add_params(&(struct import_add){
                                  .event_id = &request_event(request)->id,
                                  .import_id = &upload->import_id,
                                  .name = clean_name(request_arena(request), upload->name),
                                  .file = {(const unsigned char *)upload->bytes, upload->length},
                                  .encoding = list_encoding_name(encoding),
                                  .actor = request_caller(request)->label}),
                              .on_done = on_stored,
                              .context = upload});
}
