#include "features/attendee/download.h"

#include "base/memory.h"
#include "db/stream.h"
#include "features/attendee/export.h"
#include "event/events.h"
#include "http/reply.h"
#include "statements.h"
#include "worker.h"

enum {
    PIECE_BYTES = 16 * 1024,
    EXPORTS_MOST = 32,       /* limit: exports of a worker at once */
    EXPORTS_OF_ONE_MOST = 4, /* limit: exports of one caller at once, of a worker */
    RETRY_AFTER_S = 10,
};

/* The downloads of a worker. */
struct downloads {
    struct download *first;
};

static const struct worker_slot slot;

/*
 * A download writes the audit entry, reads former questions, then sends rows from `source` to
 * `answer`. The end of the source ends the answer. A client that disconnects cancels the source.
 * The answer starts with the first rows, so that an error of the database answers 503 and no
 * partial file.
 */
struct download {
    struct download *next;
    struct id caller_id;
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
    struct downloads *downloads = worker_state(download->worker, &slot);
    struct download **link = &downloads->first;
    while (*link != download)
        link = &(*link)->next;
    *link = download->next;
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

static struct reply_stream_options answer_options(struct download *download)
{
    return (struct reply_stream_options){
        .content_type = export_content_type(download->an_export),
        .file_name = export_file_name(download->an_export),
        .on_room = on_room,
        .on_gone = on_gone,
        .context = download,
    };
}

/* False: the client has disconnected, or its request timed out. */
static bool begin_answer(struct download *download)
{
    const struct reply_stream_options options = answer_options(download);
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

static struct params *next_portion(void *context, const struct rows *rows)
{
    struct download *download = context;
    return export_next(download->an_export, &download->filter, rows);
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
    static const struct stream_reader reader = {
        .next = next_portion, .on_rows = on_rows, .on_end = on_end};
    download->source = stream_start(download->worker->db, &reader, download);
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
           &(struct db_query){.lane = DB_EXPORT,
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

static bool is_one_too_many(const struct downloads *downloads, const struct id *caller_id)
{
    int all = 0, own = 0;
    for (const struct download *at = downloads->first; at; at = at->next) {
        all++;
        own += id_equal(&at->caller_id, caller_id);
    }
    return all >= EXPORTS_MOST || own >= EXPORTS_OF_ONE_MOST;
}

static void start(struct request *request, enum export_format format)
{
    struct downloads *downloads = worker_state(request_worker(request), &slot);
    const struct id caller_id = request_caller(request)->id;
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
        .next = downloads->first,
        .caller_id = caller_id,
        .request = request,
        .worker = request_worker(request),
        .event = events_hold(options.event),
        .an_export = export_create(&options),
        .filter = filter,
    };
    buffer_init(&download->bytes);
    bool is_refused = is_one_too_many(downloads, &caller_id);
    downloads->first = download;
    const struct reply_stream_options answer = answer_options(download);
    if (reply_stream_is_head(request, &answer)) {
        destroy(download);
    } else if (is_refused) {
        reply_problem(request, &(struct problem){.status = 429,
                                                 .code = "too_many_exports",
                                                 .retry_after_s = RETRY_AFTER_S});
        destroy(download);
    } else {
        note(download);
    }
}

void download_csv(struct request *request)
{
    start(request, EXPORT_CSV);
}

void download_jsonl(struct request *request)
{
    start(request, EXPORT_JSONL);
}

static void *create(struct worker *worker)
{
    (void)worker;
    return memory_alloc(sizeof(struct downloads));
}

static const struct worker_slot slot = {.name = "downloads", .create = create};
