#include "features/attendee/download.h"

#include <event2/event.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/spool.h"
#include "db/stream.h"
#include "features/attendee/export.h"
#include "event/events.h"
#include "http/reply.h"
#include "statements.h"
#include "view/roster.h"
#include "worker.h"

enum {
    PIECE_BYTES = 16 * 1024,
    EXPORTS_MOST = 32,       /* limit: exports of a worker at once */
    EXPORT_FILES_MOST = 8,   /* limit: exports as XLSX or PDF of a worker at once */
    EXPORTS_OF_ONE_MOST = 4, /* limit: exports of one caller at once, of a worker */
    EXPORT_THREADS = 2,
    RETRY_AFTER_S = 10,
    COUNTING_MOST_S = 10, /* then the answer starts, before the deadline of the request */
};

/* The downloads of a worker. */
struct downloads {
    struct download *first;
    struct pool_outlet
        *threads; /* for files: they work longer than the pool of the process allows */
    struct event *on_threads;
};

static const struct worker_slot slot;

/*
 * A download writes the audit entry, reads former questions, then gives the rows from `source` to
 * the export. A client that disconnects cancels the source.
 *
 * CSV and JSON Lines go to `answer` portion by portion. It starts with the first rows, so that an
 * error of the database answers 503 and no partial file.
 *
 * XLSX and PDF are made on a thread, portion by portion, while the source pauses. Then the file is
 * sent. The answer of a workbook starts with the second portion, so that a browser shows a download
 * that has begun, and no deadline ends it. That of a PDF starts when its people are counted,
 * because there may be too many, or after COUNTING_MOST_S.
 */
struct download {
    struct download *next;
    struct downloads *of; /* NULL: the worker's state has ended */
    struct id caller_id;
    struct request *request; /* NULL once the answer has started */
    struct worker *worker;
    const struct event *event;
    struct export *an_export;
    struct filter filter; /* its texts live in the request's arena */
    struct stream *source;
    struct reply_stream *answer;
    struct buffer bytes;

    /* Of a file. */
    int64_t started_us;
    const struct rows *rows; /* for the thread; NULL: it finishes the file */
    bool is_begun;
    bool is_working; /* the thread has the export */
    bool is_gone;    /* the client has disconnected meanwhile */
    int file;        /* -1: not made yet */
    off_t sent;
};

static void unlink_from_worker(struct download *download)
{
    struct download **link = download->of ? &download->of->first : NULL;
    while (link && *link != download)
        link = &(*link)->next;
    if (link)
        *link = download->next;
}

static void destroy(struct download *download)
{
    unlink_from_worker(download);
    if (download->source)
        stream_cancel(download->source);
    if (download->file >= 0)
        close(download->file);
    export_destroy(download->an_export);
    events_release(download->event);
    buffer_finish(&download->bytes);
    free(download);
}

static void send_file(struct download *download);

static void on_room(void *context)
{
    struct download *download = context;
    if (download->file >= 0)
        send_file(download);
    else if (download->source && !download->is_working)
        stream_resume(download->source);
}

static void on_gone(void *context)
{
    struct download *download = context;
    reply_stream_end(download->answer);
    download->answer = NULL;
    download->is_gone = true;
    export_stop(download->an_export);
    if (!download->is_working)
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
    return true;
}

/* Ends a download that cannot go on. */
static void fail(struct download *download, const struct problem *problem)
{
    if (download->answer)
        reply_stream_abort(download->answer);
    if (download->request)
        reply_problem(download->request, problem);
    else
        json_decref(problem->data);
    destroy(download);
}

/* --- Files ----------------------------------------------------------------------------------- */

static void send_file(struct download *download)
{
    char piece[PIECE_BYTES];
    ssize_t length = 1;
    while (length > 0 && reply_stream_has_room(download->answer)) {
        length = pread(download->file, piece, sizeof piece, download->sent);
        if (length > 0)
            reply_stream_write(download->answer, piece, (size_t)length);
        download->sent += length;
    }
    if (length > 0)
        return;
    if (length == 0)
        reply_stream_end(download->answer);
    else
        reply_stream_abort(download->answer);
    destroy(download);
}

static void on_file(struct download *download)
{
    if (download->file < 0) {
        log_event(LOG_ERROR, "export_file_failed",
                  log_text("format", export_format_name(download->an_export)),
                  log_text("directory", spool_directory()));
        fail(download, &(struct problem){
                           .status = 503, .code = "export_failed", .retry_after_s = RETRY_AFTER_S});
    } else if (download->answer || begin_answer(download)) {
        send_file(download);
    } else {
        destroy(download);
    }
}

static void run_work(void *context)
{
    struct download *download = context;
    if (!download->is_begun)
        export_begin(download->an_export, &download->bytes);
    download->is_begun = true;
    if (download->rows)
        export_rows(download->an_export, download->rows, &download->bytes);
    else
        download->file = export_finish(download->an_export);
}

static void on_work_done(void *context)
{
    struct download *download = context;
    download->is_working = false;
    if (download->is_gone)
        destroy(download);
    else if (export_is_too_long(download->an_export))
        fail(download, &(struct problem){.status = 422,
                                         .code = "too_many_for_pdf",
                                         .data = json_pack("{s:i}", "most", ROSTER_ROWS_MOST)});
    else if (download->rows)
        stream_resume(download->source);
    else
        on_file(download);
}

/* The service stops, and all clients have gone. */
static void on_work_dropped(void *context)
{
    destroy(context);
}

/* rows NULL: finishes the file. False: there is no room for the work. */
static bool start_work(struct download *download, const struct rows *rows)
{
    download->rows = rows;
    download->is_working =
        pool_submit(download->of->threads,
                    &(struct pool_job){run_work, on_work_done, on_work_dropped, download});
    return download->is_working;
}

static void finish_file(struct download *download)
{
    bool is_pdf = strcmp(export_format_name(download->an_export), "pdf") == 0;
    if (is_pdf && !download->answer && !begin_answer(download))
        destroy(download);
    else if (!start_work(download, NULL))
        fail(download, &(struct problem){.status = 503, .code = "busy", .retry_after_s = 1});
}

/* --- The source ------------------------------------------------------------------------------ */

static struct params *next_portion(void *context, const struct rows *rows)
{
    struct download *download = context;
    return export_next(download->an_export, rows);
}

/* Whether the answer is to start with these rows. */
static bool is_time_to_answer(const struct download *download)
{
    if (!export_is_file(download->an_export))
        return true;
    if (strcmp(export_format_name(download->an_export), "xlsx") == 0)
        return download->is_begun;
    return clock_monotonic_us() - download->started_us > COUNTING_MOST_S * CLOCK_SECOND_US;
}

static bool on_rows(void *context, const struct rows *rows)
{
    struct download *download = context;
    if (!download->answer && is_time_to_answer(download) && !begin_answer(download)) {
        destroy(download);
        return false;
    }
    if (export_is_file(download->an_export)) {
        if (!start_work(download, rows))
            fail(download, &(struct problem){.status = 503, .code = "busy", .retry_after_s = 1});
        return false;
    }
    if (!download->is_begun)
        export_begin(download->an_export, &download->bytes);
    download->is_begun = true;
    export_rows(download->an_export, rows, &download->bytes);
    flush(download);
    return reply_stream_has_room(download->answer);
}

static void on_end(void *context, const struct db_result *result)
{
    struct download *download = context;
    download->source = NULL;
    if (result->outcome != DB_DONE) {
        const struct problem problem = reply_failure(result);
        fail(download, &problem);
    } else if (export_is_file(download->an_export)) {
        finish_file(download);
    } else {
        reply_stream_end(download->answer);
        destroy(download);
    }
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

static bool is_one_too_many(const struct downloads *downloads, const struct download *one)
{
    int all = 0, own = 0, files = 0;
    for (const struct download *at = downloads->first; at; at = at->next) {
        all++;
        own += id_equal(&at->caller_id, &one->caller_id);
        files += export_is_file(at->an_export);
    }
    return all >= EXPORTS_MOST || own >= EXPORTS_OF_ONE_MOST ||
           (files >= EXPORT_FILES_MOST && export_is_file(one->an_export));
}

/* People at the desk get the language of their pages. A PDF is by name unless asked otherwise. */
static const char *read_parameters(struct request *request, struct export_options *options,
                                   struct filter *filter)
{
    const char *wrong = form_read_query(request, &filter_form, options->event, filter);
    if (!wrong)
        wrong = form_read_query(request, &export_form, options, &options->choice);
    if (options->format == EXPORT_PDF && !request_query(request, "sort"))
        filter->sort = "name";
    if (!options->choice.language && request_is_desk(request))
        options->choice.language = locale_code(request_locale(request));
    return wrong;
}

static void start(struct request *request, enum export_format format)
{
    struct downloads *downloads = worker_state(request_worker(request), &slot);
    struct filter filter = {0};
    struct export_options options = {
        .event = request_event(request),
        .format = format,
        .locales = request_worker(request)->locales,
    };
    const char *wrong = read_parameters(request, &options, &filter);
    if (wrong) {
        form_refuse_parameter(request, "attendee", wrong);
        return;
    }
    struct download *download = memory_alloc(sizeof *download);
    *download = (struct download){
        .next = downloads->first,
        .of = downloads,
        .caller_id = request_caller(request)->id,
        .request = request,
        .worker = request_worker(request),
        .event = events_hold(options.event),
        .filter = filter,
        .started_us = clock_monotonic_us(),
        .file = -1,
    };
    options.filter = &download->filter;
    download->an_export = export_create(&options);
    buffer_init(&download->bytes);
    bool is_refused = is_one_too_many(downloads, download);
    downloads->first = download;
    const struct reply_stream_options answer = answer_options(download);
    if (reply_stream_is_head(request, &answer))
        destroy(download);
    else if (is_refused)
        fail(download, &(struct problem){.status = 429,
                                         .code = "too_many_exports",
                                         .retry_after_s = RETRY_AFTER_S});
    else
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

void download_xlsx(struct request *request)
{
    start(request, EXPORT_XLSX);
}

void download_pdf(struct request *request)
{
    start(request, EXPORT_PDF);
}

/* --- The worker's state ---------------------------------------------------------------------- */

enum { WAITING_MOST = 1000 };

static void *create_threads(struct worker *worker)
{
    (void)worker;
    return pool_create(EXPORT_THREADS, WAITING_MOST);
}

static void destroy_threads(void *threads)
{
    pool_destroy(threads);
}

/* Threads of their own: a workbook of a million people takes a minute. */
static const struct worker_slot threads_slot = {
    .name = "export threads", .shared = true, .create = create_threads, .destroy = destroy_threads};

static void on_threads(evutil_socket_t fd, short what, void *context)
{
    struct downloads *downloads = context;
    (void)fd, (void)what;
    pool_outlet_run(downloads->threads);
}

static void *create(struct worker *worker)
{
    struct downloads *downloads = memory_alloc(sizeof *downloads);
    downloads->threads = pool_outlet_create(worker_state(worker, &threads_slot));
    downloads->on_threads = event_new(worker->loop, pool_outlet_fd(downloads->threads),
                                      EV_READ | EV_PERSIST, on_threads, downloads);
    event_add(downloads->on_threads, NULL);
    return downloads;
}

static void end(void *state)
{
    struct downloads *downloads = state;
    event_free(downloads->on_threads);
    pool_outlet_destroy(downloads->threads);
    /* A drain leaves none. Without one, db_destroy ends those that wait for the database. */
    for (struct download *at = downloads->first; at; at = at->next)
        at->of = NULL;
    free(downloads);
}

static const struct worker_slot slot = {.name = "downloads", .create = create, .destroy = end};
