/* The door to the network, driven over real sockets: server and client share one thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/assets.h"
#include "http/listener.h"
#include "http/listening.h"
#include "http/metrics.h"
#include "http/reply.h"
#include "http/request.h"
#include "view/locale.h"

enum { STREAM_BYTES = 3 * 1024 * 1024, BIG_BYTES = 10 * 1024 * 1024 };

struct server {
    struct event_base *loop;
    struct router *router;
    struct locale_set *locales;
    struct listening *listening;
    struct listener *listener;
    struct page *page;
    struct request *held; /* by /held until the test lets go */
    struct reply_stream *stream;
    size_t stream_left;
    int gone, handled;
    bool drained;
};

/* What handlers know of the process is the test's server. */
static struct server *server_of(const struct request *request)
{
    return (struct server *)(void *)request_worker(request);
}

static void echo(struct request *request)
{
    server_of(request)->handled++;
    json_t *view = json_pack("{s:O}", "body", request_body(request));
    reply_view(request, 201, view);
}

static void hello(struct request *request)
{
    const char *name = request_path(request, "name");
    reply_view(request, 200, json_pack("{s:s, s:s}", "name", name, "title", name));
}

static void hold(struct request *request)
{
    server_of(request)->held = request;
}

static void ready(struct request *request)
{
    struct server *server = server_of(request);
    if (!server->page) {
        char *text = memory_alloc(5001);
        memset(text, 'x', 5000);
        server->page = page_render(request, "web/problem.html", json_pack("{s:s}", "detail", text));
        free(text);
    }
    reply_ready_page(request, server->page);
}

static void write_stream(void *context)
{
    static const char block[4096] = {[0 ... 4095] = 's'};
    struct server *server = context;
    while (server->stream_left > 0 && reply_stream_has_room(server->stream)) {
        reply_stream_write(server->stream, block, sizeof block);
        server->stream_left -= sizeof block;
    }
    if (server->stream_left == 0)
        reply_stream_end(server->stream);
}

static void on_gone(void *context)
{
    struct server *server = context;
    server->gone++;
    reply_stream_end(server->stream);
}

static void stream(struct request *request)
{
    struct server *server = server_of(request);
    server->stream_left = STREAM_BYTES;
    server->stream = reply_stream_start(
        request, &(struct reply_stream_options){.content_type = "text/csv; charset=utf-8",
                                                .file_name = "G\xc3\xa4ste.csv",
                                                .on_room = write_stream,
                                                .on_gone = on_gone,
                                                .context = server});
    write_stream(server);
}

static void endless(struct request *request)
{
    struct server *server = server_of(request);
    server->stream = reply_stream_start(
        request, &(struct reply_stream_options){.content_type = "text/event-stream",
                                                .on_gone = on_gone,
                                                .context = server,
                                                .is_endless = true});
    reply_stream_write(server->stream, ": hello\n\n", 9);
}

static void identify(struct request *request)
{
    struct caller caller = {.who = WHO_ANYBODY};
    const char *bearer = request_header(request, "Authorization");
    if (bearer && strcmp(bearer, "Bearer viewer") == 0)
        caller.who = WHO_VIEWER;
    if (bearer && strcmp(bearer, "Bearer owner") == 0)
        caller.who = WHO_OWNER;
    request_set_caller(request, &caller);
    request_continue(request);
}

static const struct route routes[] = {
    {.method = "GET",
     .path = "/hello/{name}",
     .mount = ROUTE_API | ROUTE_PAGE,
     .who = WHO_ANYBODY,
     .template = "web/problem.html",
     .handle = hello},
    {.method = "POST",
     .path = "/echo",
     .mount = ROUTE_API | ROUTE_PAGE,
     .who = WHO_ANYBODY,
     .body = BODY_JSON,
     .body_bytes = 1000,
     .template = "web/problem.html",
     .handle = echo},
    {.method = "GET", .path = "/held", .mount = ROUTE_PLAIN, .who = WHO_ANYBODY, .handle = hold},
    {.method = "GET", .path = "/ready", .mount = ROUTE_PLAIN, .who = WHO_ANYBODY, .handle = ready},
    {.method = "GET",
     .path = "/stream",
     .mount = ROUTE_PLAIN,
     .who = WHO_ANYBODY,
     .handle = stream},
    {.method = "GET",
     .path = "/endless",
     .mount = ROUTE_PLAIN,
     .who = WHO_ANYBODY,
     .handle = endless},
    {.method = "GET", .path = "/owners", .mount = ROUTE_API, .who = WHO_OWNER, .handle = hello},
    {0},
};

static void start_at(struct server *server, const char *address)
{
    const struct route *const tables[] = {routes, assets_routes, NULL};
    char locale_error[LOCALE_ERROR_BYTES] = "";
    struct buffer error;
    buffer_init(&error);
    server->loop = event_base_new();
    if (!locale_set_load(asset_all, asset_count, locale_error, &server->locales) ||
        !router_create(tables, &server->router, &error) ||
        !listening_create(address, &server->listening, &error))
        fail_msg("%s%s", locale_error, buffer_text(&error));
    const struct listener_options options = {
        .loop = server->loop,
        .worker = (struct worker *)(void *)server,
        .listening = server->listening,
        .router = server->router,
        .locales = server->locales,
        .public_url = "https://tickets.example.org/",
        .trusted_proxies = "127.0.0.1",
        .deadline_us = 300 * 1000,
        .read_timeout_us = 5 * CLOCK_SECOND_US,
        .identify = identify,
    };
    if (!listener_create(&options, &server->listener, &error))
        fail_msg("%s", buffer_text(&error));
}

static int start(void **state)
{
    log_set_level(LOG_ERROR);
    struct server *server = memory_alloc(sizeof *server);
    start_at(server, "127.0.0.1:0");
    *state = server;
    return 0;
}

static void turn(struct server *server, int ms)
{
    int64_t until_us = clock_monotonic_us() + ms * 1000;
    do {
        event_base_loop(server->loop, EVLOOP_NONBLOCK);
        usleep(200);
    } while (clock_monotonic_us() < until_us);
}

static int stop(void **state)
{
    struct server *server = *state;
    page_release(server->page);
    listener_destroy(server->listener);
    listening_destroy(server->listening);
    router_destroy(server->router);
    locale_set_destroy(server->locales);
    event_base_free(server->loop);
    free(server);
    return 0;
}

static int dial(const struct server *server)
{
    const char *address = listening_address(server->listening);
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_un un;
    } to = {.in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}};
    socklen_t length = sizeof to.in;
    if (strncmp(address, "unix:", 5) == 0) {
        to.un.sun_family = AF_UNIX;
        snprintf(to.un.sun_path, sizeof to.un.sun_path, "%s", address + 5);
        length = sizeof to.un;
    } else {
        to.in.sin_port = htons((uint16_t)strtol(strrchr(address, ':') + 1, NULL, 10));
    }
    int fd = socket(to.any.sa_family, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, &to.any, length), 0);
    return fd;
}

/* Sends while the server reads, as far as it lets us; then reads until the server closes, or for
 * `ms`. Whether the connection was reset counts as the empty answer. */
static void talk(struct server *server, int fd, const char *bytes, size_t length, int ms,
                 struct buffer *ret)
{
    int64_t until_us = clock_monotonic_us() + ms * 1000;
    char block[65536];
    buffer_init(ret);
    while (clock_monotonic_us() < until_us) {
        ssize_t sent = length > 0 ? send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
        bytes += sent > 0 ? sent : 0;
        length -= sent > 0 ? (size_t)sent : 0;
        turn(server, 0);
        ssize_t got = recv(fd, block, sizeof block, MSG_DONTWAIT);
        if (got > 0)
            buffer_add(ret, block, (size_t)got);
        if (got == 0 || (got < 0 && errno == ECONNRESET))
            break;
    }
}

/* One request; what it says is closed by the server. The answer lives until the next one. */
static const char *ask(struct server *server, const char *request)
{
    static struct buffer answer;
    int fd = dial(server);
    buffer_finish(&answer);
    talk(server, fd, request, strlen(request), 2000, &answer);
    close(fd);
    return buffer_text(&answer);
}

#define CLOSE " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
#define GET(path, headers) "GET " path CLOSE headers "\r\n"
#define assert_starts(text, start) assert_memory_equal(text, start, strlen(start))
#define assert_has(text, part) assert_non_null(strstr(text, part))
#define assert_lacks(text, part) assert_null(strstr(text, part))

static void a_view_is_json_under_api_and_a_page_elsewhere(void **state)
{
    const char *answer = ask(*state, GET("/api/v1/hello/J%C3%BCrgen%20%3Cb%3E", ""));
    assert_starts(answer, "HTTP/1.1 200 OK\r\n");
    assert_has(answer, "{\"name\":\"J\xc3\xbcrgen <b>\"");
    assert_has(answer, "Content-Type: application/json");
    assert_lacks(answer, "Content-Security-Policy");
    answer = ask(*state, GET("/hello/J%C3%BCrgen%20%3Cb%3E", ""));
    assert_has(answer, "<h1>J\xc3\xbcrgen &lt;b&gt;</h1>");
    assert_has(answer, "Content-Security-Policy: default-src 'none'");
}

static void every_answer_has_an_id_and_safe_headers(void **state)
{
    const char *answer = ask(*state, GET("/api/v1/hello/a", "X-Request-Id: from-proxy.1\r\n"));
    assert_has(answer, "X-Request-Id: from-proxy.1\r\n");
    assert_has(answer, "X-Content-Type-Options: nosniff\r\n");
    assert_has(answer, "Referrer-Policy: no-referrer\r\n");
    assert_has(answer, "Cache-Control: no-store\r\n");
    assert_has(answer, "Strict-Transport-Security: ");
    answer = ask(*state, GET("/api/v1/hello/a", "X-Request-Id: a<b>\r\n"));
    assert_lacks(answer, "a<b>");
    assert_has(answer, "X-Request-Id: ");
}

static void unknown_paths_and_methods_are_problems(void **state)
{
    const char *answer = ask(*state, GET("/api/v1/nothing", "Accept: text/html\r\n"));
    assert_starts(answer, "HTTP/1.1 404 ");
    assert_has(answer, "Content-Type: application/problem+json");
    assert_has(answer, "\"code\":\"not_found\"");
    assert_has(answer, "\"type\":\"/problems/not_found\"");
    answer = ask(*state, GET("/nothing", "Accept: text/html\r\nAccept-Language: de\r\n"));
    assert_has(answer, "<html lang=\"de\">");
    assert_has(answer, "Hier ist nichts");
    answer = ask(*state, "DELETE /api/v1/hello/a" CLOSE "\r\n");
    assert_starts(answer, "HTTP/1.1 405 ");
    assert_has(answer, "Allow: GET, HEAD\r\n");
    answer = ask(*state, "OPTIONS /api/v1/hello/a" CLOSE "\r\n");
    assert_starts(answer, "HTTP/1.1 204 ");
    assert_has(answer, "Allow: GET, HEAD\r\n");
}

static void a_head_request_gets_the_head_only(void **state)
{
    const char *answer = ask(*state, "HEAD /api/v1/hello/a" CLOSE "\r\n");
    assert_starts(answer, "HTTP/1.1 200 OK\r\n");
    assert_has(answer, "Content-Length: 24\r\n");
    assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
}

static void roles_are_checked_before_the_handler(void **state)
{
    const char *answer = ask(*state, GET("/api/v1/owners", ""));
    assert_starts(answer, "HTTP/1.1 401 ");
    assert_has(answer, "WWW-Authenticate: Bearer\r\n");
    answer = ask(*state, GET("/api/v1/owners", "Authorization: Bearer viewer\r\n"));
    assert_starts(answer, "HTTP/1.1 403 ");
    answer = ask(*state, GET("/api/v1/owners", "Authorization: Bearer owner\r\n"));
    assert_starts(answer, "HTTP/1.1 200 ");
}

#define POST(path, headers, length, body)                                                          \
    "POST " path CLOSE "Content-Length: " #length "\r\n" headers "\r\n" body
#define JSON_TYPE "Content-Type: application/json\r\n"
#define FORM_TYPE "Content-Type: application/x-www-form-urlencoded\r\n"

static void bodies_are_checked_before_the_handler(void **state)
{
    struct server *server = *state;
    const char *answer = ask(server, POST("/api/v1/echo", JSON_TYPE, 7, "{\"a\":1}"));
    assert_starts(answer, "HTTP/1.1 201 Created\r\n");
    assert_has(answer, "{\"body\":{\"a\":1}}");
    assert_int_equal(server->handled, 1);
    answer = ask(server, POST("/api/v1/echo", JSON_TYPE, 8, "{\"a\":\n1,"));
    assert_starts(answer, "HTTP/1.1 400 ");
    assert_has(answer, "\"code\":\"malformed_json\"");
    assert_has(answer, "\"line\":2");
    assert_has(ask(server, POST("/api/v1/echo", JSON_TYPE, 2, "[]")), "malformed_json");
    assert_has(ask(server, POST("/api/v1/echo", JSON_TYPE, 13, "{\"a\":1,\"a\":2}")),
               "malformed_json");
    assert_has(ask(server, POST("/api/v1/echo", JSON_TYPE, 0, "")), "malformed_json");
    assert_has(ask(server, POST("/api/v1/echo", FORM_TYPE, 3, "a=1")), "unsupported_type");
    assert_has(ask(server, POST("/api/v1/echo", "", 7, "{\"a\":1}")), "unsupported_type");
    assert_has(ask(server, POST("/api/v1/echo", JSON_TYPE "Idempotency-Key: \x80\r\n", 2, "{}")),
               "bad_idempotency_key");
    assert_int_equal(server->handled, 1);
}

static void deep_json_is_refused(void **state)
{
    struct buffer request;
    buffer_init(&request);
    buffer_add_text(&request,
                    "POST /api/v1/echo" CLOSE JSON_TYPE "Content-Length: 805\r\n\r\n{\"a\":");
    for (int i = 0; i < 400; i++)
        buffer_add_char(&request, '[');
    for (int i = 0; i < 399; i++)
        buffer_add_char(&request, ']');
    buffer_add_char(&request, '}');
    assert_has(ask(*state, buffer_text(&request)), "malformed_json");
    buffer_finish(&request);
}

static void a_page_takes_forms_of_its_own_site_only(void **state)
{
    struct server *server = *state;
    ask(server, POST("/echo", FORM_TYPE "Origin: http://h\r\n", 5, "a.b=1"));
    assert_int_equal(server->handled, 1);
    ask(server, POST("/echo", FORM_TYPE "Origin: https://tickets.example.org\r\n", 5, "a.b=1"));
    assert_int_equal(server->handled, 2);
    const char *answer = ask(server, POST("/echo", FORM_TYPE "Origin: http://x\r\n", 3, "a=1"));
    assert_starts(answer, "HTTP/1.1 403 ");
    answer = ask(server, POST("/echo", FORM_TYPE "Sec-Fetch-Site: cross-site\r\n", 3, "a=1"));
    assert_starts(answer, "HTTP/1.1 403 ");
    answer = ask(server, POST("/echo", FORM_TYPE "Origin: null\r\n", 3, "a=1"));
    assert_starts(answer, "HTTP/1.1 403 ");
    assert_int_equal(server->handled, 2);
}

static void what_evhttp_refuses_is_a_problem_too(void **state)
{
    static const char *const refused[] = {
        "nonsense\r\n\r\n",
        "GET / HTTP/2.0\r\n\r\n",
        "GET /\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET http:// HTTP/1.1\r\n\r\n",
        "GET /\xff\xfe HTTP/1.1\r\nConnection: close\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const char *answer = ask(*state, refused[i]);
        assert_starts(answer, "HTTP/1.1 400 ");
        assert_has(answer, "application/problem+json");
        assert_has(answer, "\"code\":\"bad_request\"");
        assert_lacks(answer, "<HTML>");
    }
    assert_has(ask(*state, "BREW /pot" CLOSE "\r\n"), "unknown_method");
    assert_has(ask(*state, "CONNECT h:1" CLOSE "\r\n"), "unknown_method");
    assert_has(ask(*state, "POST /api/v1/echo" CLOSE "Content-Length: 1\r\nExpect: gold\r\n\r\n"),
               "expectation_failed");
}

static void too_large_requests_see_why(void **state)
{
    static const char *const heads[] = {
        "POST /api/v1/echo HTTP/1.1\r\nContent-Length: 10485760\r\n\r\n",
        "POST /api/v1/echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nA00000\r\n",
        "GET / HTTP/1.1\r\nX: ",
        "GET /",
    };
    static const char *const codes[] = {"body_too_large", "body_too_large", "headers_too_large",
                                        "headers_too_large"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct buffer request, answer;
        buffer_init(&request);
        buffer_add_text(&request, heads[i]);
        memset(buffer_reserve(&request, BIG_BYTES), 'x', BIG_BYTES);
        request.length += BIG_BYTES;
        int fd = dial(*state);
        talk(*state, fd, request.bytes, request.length, 4000, &answer);
        assert_has(buffer_text(&answer), codes[i]);
        assert_has(buffer_text(&answer), "\r\nConnection: close\r\n");
        close(fd);
        buffer_finish(&request);
        buffer_finish(&answer);
    }
    assert_has(ask(*state, "POST /api/v1/echo" CLOSE JSON_TYPE
                           "Content-Length: 70000\r\nExpect: 100-continue\r\n\r\n"),
               "HTTP/1.1 413 ");
}

static void a_body_larger_than_its_row_takes_is_refused(void **state)
{
    struct buffer request;
    buffer_init(&request);
    buffer_printf(&request,
                  "POST /api/v1/echo" CLOSE JSON_TYPE "Content-Length: 1001\r\n\r\n%1001d", 1);
    assert_starts(ask(*state, buffer_text(&request)), "HTTP/1.1 413 ");
    buffer_finish(&request);
}

static void odd_but_good_requests_are_served(void **state)
{
    const char *answer = ask(*state, "GET http://h/api/v1/hello/abs?x=1 HTTP/1.1\r\n"
                                     "Connection: close\r\n\r\n");
    assert_has(answer, "\"abs\"");
    answer = ask(*state, "GET /api/v1/hello/old HTTP/1.0\r\n\r\n");
    assert_starts(answer, "HTTP/1.0 200 OK\r\n");
    answer = ask(*state, "POST /api/v1/echo" CLOSE JSON_TYPE
                         "Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n");
    assert_has(answer, "{\"body\":{\"a\":1}}");
    answer = ask(*state, "POST /api/v1/echo" CLOSE JSON_TYPE
                         "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n{}");
    assert_has(answer, "HTTP/1.1 201 ");
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    const char *answer =
        ask(*state, "GET /api/v1/hello/one HTTP/1.1\r\n\r\n"
                    "HEAD /api/v1/hello/two HTTP/1.1\r\n\r\n" GET("/api/v1/hello/three", ""));
    const char *one = strstr(answer, "\"one\""), *three = strstr(answer, "\"three\"");
    assert_non_null(one);
    assert_non_null(three);
    assert_true(one < three);
    assert_lacks(answer, "\"two\"");
}

static void a_client_that_shuts_its_side_down_gets_its_answer(void **state)
{
    struct buffer answer;
    const char request[] = "GET /api/v1/hello/nc HTTP/1.1\r\n\r\n";
    int fd = dial(*state);
    assert_int_equal(send(fd, request, sizeof request - 1, 0), sizeof request - 1);
    shutdown(fd, SHUT_WR);
    talk(*state, fd, "", 0, 1000, &answer);
    assert_has(buffer_text(&answer), "\"nc\"");
    close(fd);
    buffer_finish(&answer);
}

static void past_its_deadline_a_request_is_answered_and_its_late_reply_dropped(void **state)
{
    struct server *server = *state;
    const char *answer = ask(server, GET("/held", ""));
    assert_starts(answer, "HTTP/1.1 503 ");
    assert_has(answer, "\"code\":\"late\"");
    assert_has(answer, "Retry-After: ");
    assert_non_null(server->held);
    assert_null(request_header(server->held, "Host"));
    reply_view(server->held, 200, json_object());
    assert_starts(ask(server, GET("/api/v1/hello/a", "")), "HTTP/1.1 200 ");
}

static void a_reply_after_the_client_left_is_safe(void **state)
{
    struct server *server = *state;
    const char request[] = "GET /held HTTP/1.1\r\n\r\n";
    int fd = dial(server);
    assert_int_equal(send(fd, request, sizeof request - 1, 0), sizeof request - 1);
    turn(server, 50);
    assert_non_null(server->held);
    close(fd);
    turn(server, 50);
    reply_view(server->held, 200, json_object());
    turn(server, 50);
    assert_starts(ask(server, GET("/api/v1/hello/a", "")), "HTTP/1.1 200 ");
}

static size_t count(const struct buffer *answer, char wanted)
{
    size_t found = 0;
    for (size_t i = 0; i < answer->length; i++)
        found += answer->bytes[i] == wanted;
    return found;
}

static void a_stream_is_whole_and_waits_for_its_reader(void **state)
{
    struct server *server = *state;
    struct buffer answer;
    const char request[] = GET("/stream", "");
    int fd = dial(server);
    assert_int_equal(send(fd, request, sizeof request - 1, 0), sizeof request - 1);
    turn(server, 100);
    assert_true(server->stream_left > 0);
    talk(server, fd, "", 0, 4000, &answer);
    close(fd);
    assert_has(buffer_text(&answer), "filename*=UTF-8''G%C3%A4ste.csv\r\n");
    char *body = strstr(answer.bytes, "\r\n\r\n");
    memset(answer.bytes, ' ', (size_t)(body - answer.bytes));
    assert_int_equal(count(&answer, 's'), STREAM_BYTES);
    assert_string_equal(answer.bytes + answer.length - 5, "0\r\n\r\n");
    buffer_finish(&answer);
}

static void a_stream_learns_that_its_client_left(void **state)
{
    struct server *server = *state;
    const char request[] = "GET /stream HTTP/1.1\r\n\r\n";
    int fd = dial(server);
    assert_int_equal(send(fd, request, sizeof request - 1, 0), sizeof request - 1);
    turn(server, 50);
    close(fd);
    turn(server, 100);
    assert_int_equal(server->gone, 1);
}

static void a_ready_page_is_packed_and_answers_not_modified(void **state)
{
    char etag[64];
    const char *plain = ask(*state, GET("/ready", ""));
    size_t plain_length = strlen(plain);
    assert_has(plain, "xxxxxxxx");
    assert_int_equal(sscanf(strstr(plain, "ETag: "), "ETag: %60s", etag), 1);
    struct buffer request;
    buffer_init(&request);
    buffer_printf(&request, GET("/ready", "If-None-Match: %s\r\n"), etag);
    assert_starts(ask(*state, buffer_text(&request)), "HTTP/1.1 304 ");
    buffer_finish(&request);
    const char *packed = ask(*state, GET("/ready", "Accept-Encoding: br, gzip;q=0.5\r\n"));
    assert_has(packed, "Content-Encoding: gzip\r\n");
    assert_true(strlen(packed) < plain_length / 2);
    assert_lacks(ask(*state, GET("/ready", "Accept-Encoding: gzip;q=0, *\r\n")), "gzip\r\n");
}

static void the_language_is_remembered(void **state)
{
    const char *answer = ask(*state, GET("/hello/a?lang=de&x=%26", "Accept-Language: en\r\n"));
    assert_has(answer, "<html lang=\"de\">");
    assert_has(answer, "Set-Cookie: lang=de; Path=/;");
    assert_has(answer, "href=\"/hello/a?lang=en&amp;x=%26\"");
    answer = ask(*state, GET("/hello/a", "Accept-Language: en\r\nCookie: a=b; lang=de\r\n"));
    assert_has(answer, "<html lang=\"de\">");
    answer = ask(*state, GET("/hello/a?lang=xx", "Accept-Language: de-AT\r\n"));
    assert_has(answer, "<html lang=\"de\">");
}

static void styles_are_served_under_a_lasting_address(void **state)
{
    char request[300], path[100];
    const char *answer = ask(*state, GET("/hello/a", ""));
    assert_int_equal(sscanf(strstr(answer, "/assets/einlass."), "%90[^\"]", path), 1);
    snprintf(request, sizeof request, GET("%s", ""), path);
    answer = ask(*state, request);
    assert_starts(answer, "HTTP/1.1 200 ");
    assert_has(answer, "Content-Type: text/css");
    assert_has(answer, "immutable");
    assert_starts(ask(*state, GET("/assets/einlass.css", "")), "HTTP/1.1 404 ");
}

static void requests_are_counted_by_route(void **state)
{
    struct server *server = *state;
    struct buffer metrics;
    ask(server, GET("/api/v1/hello/a", ""));
    ask(server, GET("/api/v1/hello/b", ""));
    ask(server, GET("/nothing", ""));
    buffer_init(&metrics);
    metrics_write(&server->listener, 1, &metrics);
    assert_has(buffer_text(&metrics), "einlass_http_requests_total{method=\"GET\","
                                      "route=\"/api/v1/hello/{name}\",status=\"200\"} 2\n");
    assert_has(buffer_text(&metrics), "route=\"none\",status=\"404\"} 1\n");
    assert_has(buffer_text(&metrics), "le=\"+Inf\"} 2\n");
    buffer_finish(&metrics);
}

static void on_drained(void *server)
{
    ((struct server *)server)->drained = true;
}

static void draining_serves_what_was_sent_and_then_ends(void **state)
{
    struct server *server = *state;
    struct buffer answer, late;
    const char held[] = "GET /held HTTP/1.1\r\n\r\n", half[] = "GET /api/v1/hello/h HTTP/1.1\r\n";
    int idle = dial(server), busy = dial(server), slow = dial(server);
    assert_int_equal(send(busy, held, sizeof held - 1, 0), sizeof held - 1);
    assert_int_equal(send(slow, half, sizeof half - 1, 0), sizeof half - 1);
    turn(server, 30);
    int queued = dial(server);
    assert_int_equal(send(queued, half, sizeof half - 1, 0), sizeof half - 1);
    listener_drain(server->listener, on_drained, server);
    turn(server, 50);
    assert_false(server->drained);
    reply_view(server->held, 200, json_object());
    talk(server, busy, "", 0, 1000, &answer);
    assert_has(buffer_text(&answer), "Connection: close");
    buffer_finish(&answer);
    assert_int_equal(send(queued, "\r\n", 2, 0), 2);
    talk(server, queued, "", 0, 1000, &answer);
    assert_has(buffer_text(&answer), "HTTP/1.1 200 ");
    assert_false(server->drained);
    assert_int_equal(send(slow, "\r\n", 2, 0), 2);
    talk(server, slow, "", 0, 1000, &late);
    assert_has(buffer_text(&late), "HTTP/1.1 200 ");
    turn(server, 400);
    assert_true(server->drained);
    assert_int_equal(recv(idle, (char[1]){0}, 1, MSG_DONTWAIT), 0);
    buffer_finish(&answer);
    buffer_finish(&late);
    close(idle);
    close(busy);
    close(slow);
    close(queued);
}

static void draining_ends_endless_streams(void **state)
{
    struct server *server = *state;
    const char request[] = "GET /endless HTTP/1.1\r\n\r\n";
    int fd = dial(server);
    assert_int_equal(send(fd, request, sizeof request - 1, 0), sizeof request - 1);
    turn(server, 400);
    assert_int_equal(server->gone, 0);
    listener_drain(server->listener, on_drained, server);
    turn(server, 400);
    assert_int_equal(server->gone, 1);
    assert_true(server->drained);
    close(fd);
}

static void a_unix_socket_serves_and_replaces_a_stale_file(void **state)
{
    char address[] = "unix:/tmp/einlass-http-test-XXXXXX";
    struct buffer error;
    struct listening *second;
    struct server server = {0};
    (void)state;
    int fd = mkstemp(address + 5);
    close(fd);
    unlink(address + 5);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un stale = {.sun_family = AF_UNIX};
    snprintf(stale.sun_path, sizeof stale.sun_path, "%s", address + 5);
    assert_int_equal(bind(fd, (struct sockaddr *)&stale, sizeof stale), 0);
    close(fd);
    start_at(&server, address);
    assert_starts(ask(&server, GET("/api/v1/hello/a", "")), "HTTP/1.1 200 ");
    buffer_init(&error);
    assert_false(listening_create(address, &second, &error));
    assert_has(buffer_text(&error), "another service");
    buffer_finish(&error);
    listener_destroy(server.listener);
    listening_destroy(server.listening);
    router_destroy(server.router);
    locale_set_destroy(server.locales);
    event_base_free(server.loop);
    assert_int_equal(access(address + 5, F_OK), -1);
    buffer_init(&error);
    buffer_printf(&error, "%s.lock", address + 5);
    unlink(buffer_text(&error));
    buffer_finish(&error);
}

#define with_server(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_server(a_view_is_json_under_api_and_a_page_elsewhere),
        with_server(every_answer_has_an_id_and_safe_headers),
        with_server(unknown_paths_and_methods_are_problems),
        with_server(a_head_request_gets_the_head_only),
        with_server(roles_are_checked_before_the_handler),
        with_server(bodies_are_checked_before_the_handler),
        with_server(deep_json_is_refused),
        with_server(a_page_takes_forms_of_its_own_site_only),
        with_server(what_evhttp_refuses_is_a_problem_too),
        with_server(too_large_requests_see_why),
        with_server(a_body_larger_than_its_row_takes_is_refused),
        with_server(odd_but_good_requests_are_served),
        with_server(pipelined_requests_are_answered_in_order),
        with_server(a_client_that_shuts_its_side_down_gets_its_answer),
        with_server(past_its_deadline_a_request_is_answered_and_its_late_reply_dropped),
        with_server(a_reply_after_the_client_left_is_safe),
        with_server(a_stream_is_whole_and_waits_for_its_reader),
        with_server(a_stream_learns_that_its_client_left),
        with_server(a_ready_page_is_packed_and_answers_not_modified),
        with_server(the_language_is_remembered),
        with_server(styles_are_served_under_a_lasting_address),
        with_server(requests_are_counted_by_route),
        with_server(draining_serves_what_was_sent_and_then_ends),
        with_server(draining_ends_endless_streams),
        cmocka_unit_test(a_unix_socket_serves_and_replaces_a_stale_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
