/*
 * The structs of requests, connections and listeners. Private to this room.
 *
 * dispatch_request makes a request, dispatch.c runs its steps, and reply.c gives its answer to
 * evhttp and ends it. If the deadline comes first, the client gets a 503 and `http` becomes NULL.
 * The request then waits for its handler, whose answer ends it.
 */
#ifndef EINLASS_HTTP_EXCHANGE_H
#define EINLASS_HTTP_EXCHANGE_H

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/util.h>
#include <sys/queue.h>

#include "http/listener.h"
#include "http/multipart.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/router.h"
#include "http/trust.h"

/* Keeps the language that ?lang= chose. */
#define LANGUAGE_COOKIE "lang"

enum {
    HEADERS_MOST_BYTES = 16 * 1024, /* limit: request line and headers */
    CONNECTIONS_MOST = 10000,       /* limit: open connections of a worker */
    REPLY_HEADERS_MOST = 24,
    QUERY_PARAMETERS_MOST = 64, /* limit: query parameters */
    REQUEST_ID_BYTES = 65,
    WRITE_TIMEOUT_S = 30,                /* limit: a client's silence while it reads */
    READING_LEAST_BYTES = 1024,          /* limit: bytes a second that a client must read */
    INPUT_MOST_BYTES = 64 * 1024 * 1024, /* limit: received and not answered yet, of a worker */
    PATIENCE = 4, /* a request must be complete after so many read timeouts */
};

enum request_step {
    STEP_ROUTE,
    STEP_LIMITS,
    STEP_IDENTIFY,
    STEP_SCOPE,
    STEP_AUTHORISE,
    STEP_QUERY,
    STEP_BODY,
    STEP_HANDLE,
    STEP_ANSWER, /* the handler runs */
};

struct header {
    const char *name, *value;
};

struct parameter {
    const char *name, *value;
};

struct access_log;
struct assets;
struct compressor;
struct connection;
struct counters;
struct linger_list;

struct request {
    TAILQ_ENTRY(request) by_age; /* in listener->requests until it is answered */
    struct arena arena;
    struct listener *listener;
    struct connection *connection; /* NULL: closed */
    struct evhttp_request *http;   /* NULL: answered by the deadline */
    enum request_step step;
    const char *method;
    const char *target; /* "/path?query" as sent */
    const char *query;  /* behind the "?"; "": none */
    struct router_match match;
    char id[REQUEST_ID_BYTES];

    const struct caller *caller;
    struct scope scope; /* empty: the path has no event, or it does not exist */
    bool has_scope;     /* the path has an event */
    unsigned role;      /* of the caller in the scope; set by the step authorise */
    json_t *body;
    bool body_is_form;
    bool is_only_shown;  /* see request_is_only_shown() */
    json_t *kept_emails; /* see request_kept_emails() */
    struct multipart_file file;
    const char *body_bytes;
    size_t body_length;
    const char *idempotency_key; /* copy of the header */
    const struct locale *locale;
    const char *address;       /* of the client; "": a unix socket */
    const char *source;        /* NULL: not asked for yet */
    bool is_direct;            /* without X-Forwarded-For */
    const char *frame_origins; /* NULL: no page may frame the answer */
    const char *style_source;  /* of one more inline style; NULL: none */
    struct parameter *parameters;
    int parameter_count; /* -1: not read yet */

    struct header headers[REPLY_HEADERS_MOST];
    int header_count;
    bool close_connection;
    bool has_deadline; /* is in listener->requests */
    int64_t started_us, deadline_us;
};

TAILQ_HEAD(request_list, request);

/* A client's connection from accept to close. */
struct connection {
    TAILQ_ENTRY(connection) all;
    struct listener *listener;
    struct bufferevent *stream; /* owned by evhttp; also referenced until it is adopted */
    struct evhttp_connection *http;
    struct request *request;     /* NULL: none is served */
    struct reply_stream *answer; /* NULL: none is streamed */
    bool has_input;              /* has a part of a request */
    bool is_closing;             /* by the service: evhttp frees the request, too */
    int64_t waiting_since_us;    /* since the last answer, or since accept */

    /* The request that comes in, see connection.c. */
    char *line;             /* its request line; NULL: has not come */
    size_t body_most_bytes; /* of its row */
    size_t held_bytes;      /* received since the last answer */
    int64_t began_us;       /* its first byte; valid with has_input */

    /* An answer that the client may read slowly. */
    int64_t slow_since_us; /* 0: there is none */
    int64_t window_since_us;
    size_t window_bytes; /* written since then */
};

TAILQ_HEAD(connection_list, connection);

struct listener {
    struct listener_options options;
    char *public_url, *public_origin; /* NULL: not configured */
    struct trust trust;
    struct evhttp *http;
    struct evhttp_bound_socket *socket; /* NULL: has stopped accepting */

    struct connection_list connections, fresh;
    struct connection **by_descriptor;
    int descriptor_space;
    int connection_count;
    struct event *on_fresh, *on_rest, *on_full;
    size_t held_bytes;   /* of all connections */
    int uploads_dropped; /* since the last sweep */

    struct request_list requests;
    uint64_t begun;            /* requests so far */
    int pending;               /* requests that have not ended, also after their deadline */
    struct event *on_deadline; /* pending while there are requests */
    struct event *on_sweep;

    uint64_t request_number;
    char id_prefix[9];
    struct assets *assets;
    struct compressor *compressor;
    struct linger_list *lingering;
    struct access_log *log;
    struct counters *counters;

    bool is_secure; /* public_url is https */
    bool has_warned_of_proxy;
    struct drain drain;
};

/* dispatch.c: evhttp's callback for requests. */
void dispatch_request(struct evhttp_request *http, void *listener);

/* Returns how many bytes of a body a request line allows. 0: no row has its method and path. */
size_t dispatch_body_most(const struct listener *listener, const char *line);

/* request.c */
struct request *request_create(struct listener *listener, struct evhttp_request *http);
void request_destroy(struct request *request);

/* Sets address and is_direct from the peer and its headers. */
void request_set_address(struct request *request);

/* Returns a header's value, borrowed from evhttp until the answer. */
const char *request_peek_header(const struct request *request, const char *name);

/* Returns the value of a cookie (RFC 6265, section 4.2.1), in the arena. NULL: there is none. */
const char *request_cookie(struct request *request, const char *name);

/* Returns whether the client uses https, also before a trusted proxy. */
bool request_is_secure(const struct request *request);

/* Check the media type against the row; read the body, or refuse the request and return false. */
bool request_has_right_type(const struct request *request);
MUST_CHECK bool request_read_body(struct request *request);

/* Removes the deadline of an answered request; the callback of listener->on_deadline. */
void request_end_deadline(struct request *request);
void request_on_deadline(evutil_socket_t fd, short what, void *listener);

/* reply.c: starts an answer and returns evhttp's buffer for its body. NULL: the deadline has
 * answered already, and the request has ended and was freed. */
MUST_CHECK struct evbuffer *reply_begin(struct request *request);

/* Sends the answer with the headers of every answer, counts and logs it, and ends the request.
 * content_type NULL: no content. */
void reply_finish(struct request *request, int status, const char *content_type);

/* Sends an answer in place of the handler's. The request stays, without a client. */
void reply_instead(struct request *request, int status, const char *content_type);

/* Sends the head of a stream. The request stays. */
void reply_stream_head(struct request *request, const char *content_type);

/* Sets a header that the handler has not set. */
void reply_default_header(struct request *request, const char *name, const char *value);

/* Takes the JSON. */
void reply_typed_json(struct request *request, int status, const char *content_type, json_t *json);

/* problem.c: answers at the deadline. The handler's answer ends the request. */
void reply_late(struct request *request, int retry_after_s);

/* Refuses without a page, because pages cannot be made. */
void reply_bare_problem(struct request *request, int status, const char *code);

/* stream.c: the client of a stream has left; the service stops an endless stream. */
void stream_gone(struct reply_stream *stream);
bool stream_is_endless(const struct reply_stream *stream);
void stream_stop(struct reply_stream *stream);

/* reply.c: gzip (RFC 1952) for answers, where the client takes it (RFC 9110 section 12.5.3). */
enum { COMPRESS_LEAST_BYTES = 1024 };

struct compressor *compress_create(int level);
void compress_destroy(struct compressor *compressor);

/* Compresses the buffer. Returns false and changes nothing if the result would not be shorter. */
bool compress_buffer(struct compressor *compressor, struct evbuffer *buffer);

/* Returns whether an Accept-Encoding header (NULL: none) allows gzip. */
bool compress_is_accepted(const char *accept_encoding);

/* Returns whether content of this type and length is worth to compress. */
bool compress_is_worth(const char *content_type, size_t bytes);

#endif
