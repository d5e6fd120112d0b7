/*
 * Answers. A handler answers each request exactly once, with one of these functions, and must not
 * use the request after that. The answer is dropped if the deadline has answered already. JSON and
 * HTML are written only by functions that escape.
 */
#ifndef EINLASS_HTTP_REPLY_H
#define EINLASS_HTTP_REPLY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "db/values.h"
#include "http/request.h"

struct db_result;
struct page;
struct reply_stream;

/* Adds a header. Call it before the answer. */
void reply_header(struct request *request, const char *name, const char *value);

/* Lets the browser keep a page with a form, so that Back shows it with what was typed. */
void reply_keeps_typed(struct request *request);

/* Answers with the view: as JSON under /api/v1, or through the row's template as a page. Takes the
 * view. If the view is NULL or cannot be written, logs an error and answers 500 "internal". */
void reply_view(struct request *request, int status, json_t *view);

/* Answers a page with another template than the row's, such as a form with its errors. */
void reply_page(struct request *request, int status, const char *template, json_t *view);

/* Answers JSON that was written into the buffer (base/json_writer.h). Takes the content. */
void reply_json(struct request *request, int status, struct buffer *json);

/* Answers JSON text from the database. */
void reply_json_text(struct request *request, int status, const char *text, size_t length);

void reply_bytes(struct request *request, int status, const char *content_type, const void *bytes,
                 size_t length);

/* Sets the file's name (any Unicode, RFC 6266), and whether browsers show the file or only save it.
 * Call it before reply_bytes. */
enum reply_disposition { REPLY_INLINE, REPLY_ATTACHMENT };
void reply_file_name(struct request *request, enum reply_disposition disposition, const char *name);

/* Answers 303 to a path of the service. In a frame the path keeps its parameters (request_link). */
void reply_see_other(struct request *request, const char *location);

void reply_no_content(struct request *request);

/*
 * A problem document (RFC 9457), or the problem page. The code is for programs ("sold_out": member
 * "code", and "type" is /problems/sold_out). Title and detail are the words problem.CODE.title and
 * problem.CODE.detail in the language of the request, with placeholders from `data`. Takes data and
 * errors.
 */
struct problem {
    int status;
    const char *code;
    json_t *errors;    /* [{"pointer", "code", "detail"}], NULL: none */
    json_t *data;      /* NULL: none */
    int retry_after_s; /* 0: no Retry-After header */
};
void reply_problem(struct request *request, const struct problem *problem);

/* Answers a problem without further data. */
void reply_refuse(struct request *request, int status, const char *code);

/* Answers 503 with Retry-After, because the database is away or a queue is full. */
void reply_busy(struct request *request, const char *code);

/* The problem of a result that is not DB_DONE: 500 "internal" if the database refused the
 * statement, 503 "exhausted" if the server lacks disk space, memory or connections, otherwise 503
 * "busy". */
struct problem reply_failure(const struct db_result *result);

/* Answers with it. */
void reply_failed(struct request *request, const struct db_result *result);

/*
 * A ready page: rendered once and answered many times, with an ETag (RFC 9110, section 8.8.3) and a
 * compressed copy. It belongs to one worker and has a reference count. A reply holds a reference
 * while it sends.
 */

/* Renders a ready page. Takes the view. Returns NULL if it could not render and has logged why;
 * then refuse with "internal". */
struct page *page_render(struct request *request, const char *template, json_t *view);
void page_release(struct page *page);
void reply_ready_page(struct request *request, struct page *page);

/*
 * An answer of any length. After start, write while has_room returns true. After false, on_room
 * runs when the client has read on. on_gone runs when the client leaves; write and end then do
 * nothing, and the caller stops its source. Call end once, also after on_gone, or abort, which
 * closes the connection so that the client sees that the answer is incomplete.
 */
struct reply_stream_options {
    const char *content_type;
    const char *file_name; /* any Unicode, makes an attachment (RFC 6266); NULL: inline */
    void (*on_room)(void *context);
    void (*on_gone)(void *context);
    void *context;
    /* Makes the stream an endless one. Runs when the service stops: write what is left to say, and
     * end. Other streams have a time then (drain.h). They end (on_gone) if their client has not
     * read all of it by then, or after listener_options.transfer_us. */
    void (*on_stop)(void *context);
};

/* Answers HEAD with the headers of the stream, and returns true. Call it before the source starts.
 */
MUST_CHECK bool reply_stream_is_head(struct request *request,
                                     const struct reply_stream_options *options);

/* NULL: the deadline has answered, or the request was HEAD. The request has ended. */
struct reply_stream *reply_stream_start(struct request *request,
                                        const struct reply_stream_options *options);
bool reply_stream_has_room(struct reply_stream *stream);
void reply_stream_write(struct reply_stream *stream, const void *bytes, size_t length);
void reply_stream_end(struct reply_stream *stream);
void reply_stream_abort(struct reply_stream *stream);

/* JSON of the values in views. Each json_t is a new reference. */

/* Null for the zero id. */
json_t *view_id(const struct id *id);

/* RFC 3339 in UTC; null for 0. */
json_t *view_time(int64_t at_us);

/* The same for a column. */
json_t *view_id_of(const struct rows *rows, int row, const char *column);
json_t *view_time_of(const struct rows *rows, int row, const char *column);
json_t *view_number_of(const struct rows *rows, int row, const char *column);

/* Returns NULL for null. The text lives as long as the rows. */
const char *view_text_of(const struct rows *rows, int row, const char *column);

#endif
