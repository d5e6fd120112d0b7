#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <sys/socket.h>

#include "base/memory.h"
#include "http/metrics.h"
#include "http/connection.h"
#include "http/exchange.h"

enum { ROOM_BYTES = 256 * 1024, CHUNK_BYTES = 16 * 1024 };

struct reply_stream {
    struct reply_stream_options options;
    struct request *request;
    struct evbuffer *gathered; /* the next chunk */
    struct event *on_turn_end; /* sends the chunk at the end of the turn */
    size_t bytes;
    bool is_gone, wants_room;
};

static void flush(struct reply_stream *stream);

static void on_turn_end(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    flush(context);
}

/* Without a length, HTTP/1.0 marks the end of an answer only by closing the connection. */
static void close_old_connection(struct request *request)
{
    if (request->http->minor >= 1)
        return;
    evhttp_remove_header(evhttp_request_get_input_headers(request->http), "Connection");
    request->close_connection = true;
}

static struct reply_stream *start(struct request *request,
                                  const struct reply_stream_options *options)
{
    if (!reply_begin(request))
        return NULL;
    struct reply_stream *stream = memory_alloc(sizeof *stream);
    stream->options = *options;
    stream->request = request;
    stream->gathered = evbuffer_new();
    stream->on_turn_end = event_new(request->listener->options.loop, -1, 0, on_turn_end, stream);
    if (options->file_name)
        reply_file_name(request, REPLY_ATTACHMENT, options->file_name);
    close_old_connection(request);
    reply_stream_head(request, options->content_type);
    if (request->connection) {
        request->connection->answer = stream;
        connection_allow_slow_reading(request->connection, request->http);
    } else {
        stream->is_gone = true;
    }
    return stream;
}

bool reply_stream_is_head(struct request *request, const struct reply_stream_options *options)
{
    if (strcmp(request->method, "HEAD") != 0)
        return false;
    struct reply_stream *stream = start(request, options);
    if (stream)
        reply_stream_end(stream);
    return true;
}

struct reply_stream *reply_stream_start(struct request *request,
                                        const struct reply_stream_options *options)
{
    return reply_stream_is_head(request, options) ? NULL : start(request, options);
}

bool stream_is_endless(const struct reply_stream *stream)
{
    return stream->options.on_stop != NULL;
}

void stream_stop(struct reply_stream *stream)
{
    stream->options.on_stop(stream->options.context);
}

static void on_drained(struct evhttp_connection *connection, void *context)
{
    struct reply_stream *stream = context;
    (void)connection;
    if (stream->wants_room) {
        stream->wants_room = false;
        stream->options.on_room(stream->options.context);
    }
}

static void flush(struct reply_stream *stream)
{
    if (!stream->is_gone && evbuffer_get_length(stream->gathered) > 0)
        evhttp_send_reply_chunk_with_cb(stream->request->http, stream->gathered, on_drained,
                                        stream);
}

bool reply_stream_has_room(struct reply_stream *stream)
{
    if (stream->is_gone)
        return false;
    size_t waiting =
        evbuffer_get_length(bufferevent_get_output(stream->request->connection->stream));
    stream->wants_room = waiting >= ROOM_BYTES;
    return !stream->wants_room;
}

void reply_stream_write(struct reply_stream *stream, const void *bytes, size_t length)
{
    if (stream->is_gone || length == 0)
        return;
    if (evbuffer_get_length(stream->gathered) == 0)
        event_active(stream->on_turn_end, EV_TIMEOUT, 0);
    evbuffer_add(stream->gathered, bytes, length);
    stream->bytes += length;
    if (evbuffer_get_length(stream->gathered) >= CHUNK_BYTES)
        flush(stream);
}

void stream_gone(struct reply_stream *stream)
{
    stream->is_gone = true;
    if (stream->options.on_gone)
        stream->options.on_gone(stream->options.context);
}

/* Ends the request after evhttp has the end of the answer. */
static void finish(struct reply_stream *stream)
{
    struct request *request = stream->request;
    metrics_record(request, 200, stream->bytes);
    event_free(stream->on_turn_end);
    evbuffer_free(stream->gathered);
    request_destroy(request);
    free(stream);
}

void reply_stream_end(struct reply_stream *stream)
{
    struct request *request = stream->request;
    struct evhttp_request *http = request->http;
    flush(stream);
    request->http = NULL;
    if (request->connection)
        connection_answered(request->connection);
    request->connection = NULL;
    if (http)
        evhttp_send_reply_end(http);
    finish(stream);
}

void reply_stream_abort(struct reply_stream *stream)
{
    struct request *request = stream->request;
    struct connection *connection = request->connection;
    const struct linger reset = {.l_onoff = 1};
    if (!connection || stream->is_gone) {
        reply_stream_end(stream);
        return;
    }
    /* HTTP/1.0 has no chunks, so a normal close would look like the end of the answer. */
    if (request->http->minor == 0)
        setsockopt(bufferevent_getfd(connection->stream), SOL_SOCKET, SO_LINGER, &reset,
                   sizeof reset);
    request->http = NULL;
    connection_answered(connection);
    request->connection = NULL;
    connection_close(connection);
    finish(stream);
}
