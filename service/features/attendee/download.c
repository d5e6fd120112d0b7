#include "features/attendee/download.h"

#include "base/memory.h"
#include "db/stream.h"
#include "features/attendee/export.h"
#include "event/events.h"
#include "http/reply.h"
#include "statements.h"
#include "worker.h"

enum { PIECE_BYTES = 16 * 1024 };

/*
 * A download writes the audit entry, reads former questions, then sends rows from `source` to
 * `answer`. The end of the source ends the answer. A client that disconnects cancels the source.
 * The answer starts with the first rows, so that an error of the database answers 503 and no
 * partial file.
 */
struct download {
    struct request *request; /* NULL once the answer has started */
    struct worker *worker;
    const struct event *event;
    struct export *an_export;
    struct filter filter; /* its texts live in the request's arena */
    struct stream *source;
    struct reply_stream *answer;
    struct buffer bytes;
};

static void destroy(struct download *download)
{
    export_destroy(download->an_export);
    events_release(download->event);
    buffer_finish(&download->bytes);
    free(download);
}

static void on_room(void *context)
{
    struct download *download = context;
    stream_resume(download->source);
}

static void on_gone(void *context)
{
    struct download *download = context;
    stream_cancel(download->source);
    reply_stream_end(download->answer);
    destroy(download);
}

/* Writes small pieces, whose memory is used again. For large pieces the kernel maps new pages each
 * time, which took a quarter of the time of an export. */
static void flush(struct download *download)
{
    const struct buffer *bytes = &download->bytes;
    for (size_t at = 0; at < bytes->length; at += PIECE_BYTES) {
        size_t left = bytes->length - at;
        reply_stream_write(download->answer, bytes->bytes + at,
                           left < PIECE_BYTES ? left : PIECE_BYTES);
    }
    buffer_clear(&download->bytes);
}

/* False: the client has disconnected, or its request timed out. */
static bool begin_answer(struct download *download)
{
    const struct reply_stream_options options = {
        .content_type = export_content_type(download->an_export),
        .file_name = export_file_name(download->an_export),
        .on_room = on_room,
        .on_gone = on_gone,
        .context = download,
    };
    download->answer = reply_stream_start(download->request, &options);
    download->request = NULL;
    if (!download->answer)
        return false;
    if (!reply_stream_has_room(download->answer)) {
        reply_stream_end(download->answer);
        return false;
    }
    export_begin(download->an_export, &download->bytes);
    flush(download);
    return true;
}

static bool on_rows(void *context, const struct rows *rows)
{
    struct download *download = context;
    if (!download->answer && !begin_answer(download)) {
        stream_cancel(download->source);
        destroy(download);
        return false;
    }
    export_rows(download->an_export, rows, &download->bytes);
    flush(download);
    return reply_stream_has_room(download->answer);
}

static void on_end(void *context, const struct db_result *result)
{
    struct download *download = context;
    if (!download->answer && result->outcome != DB_DONE) {
        reply_failed(download->request, result);
    } else if (result->outcome != DB_DONE) {
        reply_stream_abort(download->answer);
    } else if (download->answer || begin_answer(download)) {
        reply_stream_end(download->answer);
    }
    destroy(download);
}

static void start_source(struct download *download)
{
    static const struct stream_reader reader = {.on_rows = on_rows, .on_end = on_end};
    download->source =
        stream_start(download->worker->db, export_params(download->an_export, &download->filter),
                     EXPORT_PORTION_ROWS, &reader, download);
}

static bool is_done(struct download *download, const struct db_result *result)
{
    if (result->outcome == DB_DONE)
        return true;
    reply_failed(download->request, result);
    destroy(download);
    return false;
}

static void on_former_questions(void *context, const struct db_result *result)
{
    struct download *download = context;
    if (!is_done(download, result))
        return;
    export_add_former_questions(download->an_export, result->rows);
    start_source(download);
}

static void on_noted(void *context, const struct db_result *result)
{
    struct download *download = context;
    if (!is_done(download, result))
        return;
    if (!export_wants_former_questions(download->an_export)) {
        start_source(download);
        return;
    }
    db_run(download->worker->db,
           &(struct db_query){.lane = DB_SLOW,
                              .run = export_former_questions_params(download->an_export),
                              .again = true,
                              .on_done = on_former_questions,
                              .context = download});
}

/* The log entry has no search words, because they may be names. */
static void note(struct download *download)
{
    char detail[64];
    snprintf(detail, sizeof detail, "{\"format\": \"%s\", \"filtered\": %s}",
             export_format_name(download->an_export),
             filter_is_empty(&download->filter) ? "false" : "true");
    struct params *params = attendee_log_export_params(
        &(struct attendee_log_export){.event_id = &download->event->id,
                                      .actor = request_caller(download->request)->label,
                                      .detail = detail});
    db_run(download->worker->db,
           &(struct db_query){
               .lane = DB_HOT, .run = params, .on_done = on_noted, .context = download});
}

static void start(struct request *request, enum export_format format)
{
    const struct export_options options = {
        .event = request_event(request),
        .format = format,
        .locales = request_worker(request)->locales,
        .language = request_query(request, "lang"),
    };
    struct filter filter = {0};
    const char *wrong = form_read_query(request, &filter_form, options.event, &filter);
    if (!wrong && options.language && !export_speaks(&options, options.language))
        wrong = "lang";
    if (wrong) {
        form_refuse_parameter(request, "attendee", wrong);
        return;
    }
    struct download *download = memory_alloc(sizeof *download);
    *download = (struct download){
        .request = request,
        .worker = request_worker(request),
        .event = events_hold(options.event),
        .an_export = export_create(&options),
        .filter = filter,
    };
    buffer_init(&download->bytes);
    note(download);
}

void download_csv(struct request *request)
{
    start(request, EXPORT_CSV);
}

void download_jsonl(struct request *request)
{
    start(request, EXPORT_JSONL);
}
