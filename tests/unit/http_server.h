/*
 * A small service for the tests of http/. The clients run on the server's thread, so that every
 * test always runs in the same order.
 *
 *     GET  /hello/{name}   page and API    POST /echo   page and API, at most 1,000 bytes
 *     GET  /held           answered by the test    GET /owners   API, for owners
 *     GET  /stream         SERVER_STREAM_BYTES of "s"    GET /endless   a stream without end
 *     GET  /ready          a page kept ready
 *
 * Callers are "Authorization: Bearer viewer" or "owner". Requests have 300 ms.
 */
#ifndef EINLASS_TESTS_HTTP_SERVER_H
#define EINLASS_TESTS_HTTP_SERVER_H

#include <event2/event.h>
#include <stdbool.h>

#include "http/drain.h"
#include "base/memory.h"
#include "http/reply.h"

enum { SERVER_STREAM_BYTES = 3 * 1024 * 1024 };

struct server {
    struct event_base *loop;
    struct router *router;
    struct locale_set *locales;
    struct listening *listening;
    struct listener *listener;
    struct page *page;
    struct request *held; /* by /held until the test answers it */
    struct reply_stream *stream;
    size_t stream_left;
    int gone, handled; /* streams whose client left; bodies echoed */
    bool drained;
    struct drain_limits drain; /* for server_start_at() */
};

void server_start_at(struct server *server, const char *address);
void server_finish(struct server *server);

/* For cmocka's set-up and tear-down. The server gets a free port. */
int server_start(void **state);
int server_stop(void **state);

/* Runs the server's loop for `ms` milliseconds. */
void server_turn(struct server *server, int ms);

/* Returns a connected socket, which the caller closes. */
int server_dial(const struct server *server);

/* Sends as much as the server reads. Then reads until the server closes or resets the connection,
 * or for `ms`. */
void server_talk(struct server *server, int fd, const char *bytes, size_t length, int ms,
                 struct buffer *ret);

/* Sends a request with "Connection: close", or one that is refused. The answer lives until the next
 * call. */
const char *server_ask(struct server *server, const char *request);

#define CLOSE " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
#define GET(path, headers) "GET " path CLOSE headers "\r\n"

#define assert_starts(text, start) assert_memory_equal(text, start, strlen(start))
#define assert_has(text, part) assert_non_null(strstr(text, part))
#define assert_lacks(text, part) assert_null(strstr(text, part))
#define with_server(test) cmocka_unit_test_setup_teardown(test, server_start, server_stop)

#endif
