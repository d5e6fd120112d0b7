#include "http_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/assets.h"
#include "http/listener.h"
#include "http/listening.h"
#include "http/request.h"
#include "view/locale.h"

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

static json_t *too_deep(void)
{
    json_t *deep = json_array();
    for (int depth = 0; depth < JSON_WRITER_DEPTH_MOST; depth++)
        deep = json_pack("[o]", deep);
    return deep;
}

/* Views that fail: NULL, or JSON that is too deep. */
static void broken(struct request *request)
{
    const char *how = request_path(request, "how");
    json_t *view = strcmp(how, "unwritten") == 0 ? too_deep() : NULL;
    reply_view(request, 200, view);
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
    server->stream_left = SERVER_STREAM_BYTES;
    server->stream = reply_stream_start(
        request, &(struct reply_stream_options){.content_type = "text/csv; charset=utf-8",
                                                .file_name = "G\xc3\xa4ste.csv",
                                                .on_room = write_stream,
                                                .on_gone = on_gone,
                                                .context = server});
    write_stream(server);
}

static void on_stop(void *context)
{
    struct server *server = context;
    server->gone++;
    reply_stream_write(server->stream, ": bye\n\n", 7);
    reply_stream_end(server->stream);
}

static void endless(struct request *request)
{
    struct server *server = server_of(request);
    server->stream = reply_stream_start(
        request, &(struct reply_stream_options){.content_type = "text/event-stream",
                                                .on_gone = on_gone,
                                                .on_stop = on_stop,
                                                .context = server});
    reply_stream_write(server->stream, ": hello\n\n", 9);
}

static void identify(struct request *request)
{
    struct caller caller = {.identity = CALLER_API_TOKEN, .membership_count = 1};
    const char *bearer = request_header(request, "Authorization");
    if (bearer)
        caller.memberships[0].role = strcmp(bearer, "Bearer owner") == 0 ? WHO_OWNER : WHO_VIEWER;
    if (bearer)
        request_set_caller(request, &caller);
    request_continue(request);
}

static const struct route routes[] = {
    {"GET", "/hello/{name}", ROUTE_API | ROUTE_PAGE, WHO_ANYBODY, .query = "x",
     .template = "web/problem.html", .handle = hello},
    {"POST", "/echo", ROUTE_API | ROUTE_PAGE, WHO_ANYBODY, .body = BODY_JSON, .body_bytes = 1000,
     .template = "web/problem.html", .handle = echo},
    {"GET", "/broken/{how}", ROUTE_API | ROUTE_PAGE, WHO_ANYBODY, .template = "web/problem.html",
     .handle = broken},
    {"GET", "/held", ROUTE_PLAIN, WHO_ANYBODY, .handle = hold},
    {"GET", "/ready", ROUTE_PLAIN, WHO_ANYBODY, .handle = ready},
    {"GET", "/stream", ROUTE_PLAIN, WHO_ANYBODY, .handle = stream},
    {"GET", "/endless", ROUTE_PLAIN, WHO_ANYBODY, .handle = endless},
    {"GET", "/owners", ROUTE_API, WHO_OWNER, .handle = hello},
    {0},
};

void server_start_at(struct server *server, const char *address)
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
        .drain = server->drain,
        .identify = identify,
    };
    if (!listener_create(&options, &server->listener, &error))
        fail_msg("%s", buffer_text(&error));
}

int server_start(void **state)
{
    signal(SIGPIPE, SIG_IGN);
    log_set_level(LOG_ERROR);
    struct server *server = memory_alloc(sizeof *server);
    server->drain = (struct drain_limits){
        .serve_us = 2 * CLOCK_SECOND_US, .streams_us = 300 * 1000, .last_us = 300 * 1000};
    server_start_at(server, "127.0.0.1:0");
    *state = server;
    return 0;
}

void server_turn(struct server *server, int ms)
{
    int64_t until_us = clock_monotonic_us() + ms * 1000;
    do {
        event_base_loop(server->loop, EVLOOP_NONBLOCK);
        usleep(200);
    } while (clock_monotonic_us() < until_us);
}

void server_finish(struct server *server)
{
    page_release(server->page);
    listener_destroy(server->listener);
    listening_destroy(server->listening);
    router_destroy(server->router);
    locale_set_destroy(server->locales);
    event_base_free(server->loop);
}

int server_stop(void **state)
{
    server_finish(*state);
    free(*state);
    return 0;
}

int server_dial(const struct server *server)
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

void server_talk(struct server *server, int fd, const char *bytes, size_t length, int ms,
                 struct buffer *ret)
{
    int64_t until_us = clock_monotonic_us() + ms * 1000;
    char block[65536];
    buffer_init(ret);
    while (clock_monotonic_us() < until_us) {
        ssize_t sent = length > 0 ? send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
        bytes += sent > 0 ? sent : 0;
        length -= sent > 0 ? (size_t)sent : 0;
        server_turn(server, 0);
        ssize_t got = recv(fd, block, sizeof block, MSG_DONTWAIT);
        if (got > 0)
            buffer_add(ret, block, (size_t)got);
        if (got == 0 || (got < 0 && errno == ECONNRESET))
            break;
    }
}

const char *server_ask(struct server *server, const char *request)
{
    static struct buffer answer;
    int fd = server_dial(server);
    buffer_finish(&answer);
    server_talk(server, fd, request, strlen(request), 2000, &answer);
    close(fd);
    return buffer_text(&answer);
}
