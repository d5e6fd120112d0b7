/*
 * Answers. Each request is answered exactly once, by one of these; the request is gone afterwards.
 * A second reply (the first was the deadline's) is dropped. JSON and HTML leave only through
 * writers that escape.
 */
#ifndef EINLASS_HTTP_REPLY_H
#define EINLASS_HTTP_REPLY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "http/request.h"

struct db_result;

/* Adds a header to the answer, before it is given. */
void reply_header(struct request *request, const char *name, const char *value);

/* The view: the JSON itself under /api/v1, through the row's template as a page. Takes it. A view
 * that is NULL or cannot be written is an error in the log and answers 500 "internal". */
void reply_view(struct request *request, int status, json_t *view);

/* A page through another template than the row's (the form again, with its errors). */
void reply_page(struct request *request, int status, const char *template, json_t *view);

/* JSON text as it came from the database. */
void reply_json_text(struct request *request, int status, const char *text, size_t length);

void reply_bytes(struct request *request, int status, const char *content_type, const void *bytes,
                 size_t length);

/* Before reply_bytes: a name to keep it under, of any Unicode (RFC 6266); shown by whoever can show
 * it, or only to be kept. */
enum reply_disposition { REPLY_INLINE, REPLY_ATTACHMENT };
void reply_file_name(struct request *request, enum reply_disposition disposition, const char *name);

/* 303 to a path of ours; in a frame it stays in there. */
void reply_see_other(struct request *request, const char *location);

void reply_no_content(struct request *request);

/*
 * A problem document (RFC 9457), or the problem page. The code names it for programs ("sold_out":
 * member "code", and "type" is /problems/sold_out); title and detail are the wordings
 * problem.CODE.title and problem.CODE.detail in the language of the request, with `data` for their
 * placeholders. Takes data and errors.
 */
struct problem {
    int status;
    const char *code;
    json_t *errors;    /* [{"pointer", "code", "detail"}], NULL: none */
    json_t *data;      /* NULL: none */
    int retry_after_s; /* 0: no Retry-After header */
};
void reply_problem(struct request *request, const struct problem *problem);

/* The common ones without anything to add. */
void reply_refuse(struct request *request, int status, const char *code);

/* 503 with Retry-After; the database is gone or a queue is full. */
void reply_busy(struct request *request, const char *code);

/* For a result that is not DB_DONE: 500 "internal" and an error in the log where the database
 * refused the statement, else 503 "busy". */
void reply_failed(struct request *request, const struct db_result *result);

/*
 * A page kept ready: rendered once, answered many times, with an ETag (RFC 9110 section 8.8.3) and
 * a gzip of itself. Belongs to one worker; counted references, the reply holds one while it sends.
 */
struct page;

/* Takes the view. NULL: it could not be rendered, which was logged; refuse with "internal". */
struct page *page_render(struct request *request, const char *template, json_t *view);
void page_release(struct page *page);
void reply_ready_page(struct request *request, struct page *page);

/*
 * An answer of any length. start, then write as often as has_room says so; when it says no, on_room
 * comes when the client has read on. on_gone: the client left; write and end are then ignored and
 * the caller stops its source. end (or abort: the connection is closed so that the client sees the
 * answer is incomplete) finishes it, once, also after on_gone.
 */
struct reply_stream;
struct reply_stream_options {
    const char *content_type;
    const char *file_name; /* NULL: inline; else an attachment (RFC 6266), any Unicode */
    void (*on_room)(void *context);
    void (*on_gone)(void *context);
    void *context;
    bool is_endless; /* events as they happen: cut off (on_gone) when the service stops */
};

/* NULL: the deadline has passed; the request has ended and there is nothing left to do. */
struct reply_stream *reply_stream_start(struct request *request,
                                        const struct reply_stream_options *options);
bool reply_stream_has_room(struct reply_stream *stream);
void reply_stream_write(struct reply_stream *stream, const void *bytes, size_t length);
void reply_stream_end(struct reply_stream *stream);
void reply_stream_abort(struct reply_stream *stream);

#endif
