/* The life of connections, streams and listeners. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "http_server.h"
#include "http/listener.h"
#include "http/listening.h"
#include "http/trust.h"

static void a_client_that_shuts_its_side_down_gets_its_answer(void **state)
{
    struct buffer answer;
    const char request[] = "GET /api/v1/hello/nc HTTP/1.1\r\nHost: h\r\n\r\n";
    int fd = server_dial(*state);
    assert_int_equal(send(fd, request, sizeof request - 1, 0), sizeof request - 1);
    shutdown(fd, SHUT_WR);
    server_talk(*state, fd, "", 0, 1000, &answer);
    assert_has(buffer_text(&answer), "\"nc\"");
    close(fd);
    buffer_finish(&answer);
}

static void past_its_deadline_a_request_is_answered_and_its_late_reply_dropped(void **state)
{
    struct server *server = *state;
    const char *answer = server_ask(server, GET("/held", ""));
    assert_starts(answer, "HTTP/1.1 503 ");
    assert_has(answer, "\"code\":\"late\"");
    assert_has(answer, "Retry-After: ");
    assert_non_null(server->held);
    assert_null(request_header(server->held, "Host"));
    reply_view(server->held, 200, json_object());
    assert_starts(server_ask(server, GET("/api/v1/hello/a", "")), "HTTP/1.1 200 ");
}

static void a_reply_after_the_client_left_is_safe(void **state)
{
    struct server *server = *state;
    const char request[] = "GET /held HTTP/1.1\r\nHost: h\r\n\r\n";
    int fd = server_dial(server);
    assert_int_equal(send(fd, request, sizeof request - 1, 0), sizeof request - 1);
    server_turn(server, 50);
    assert_non_null(server->held);
    close(fd);
    server_turn(server, 50);
    reply_view(server->held, 200, json_object());
    server_turn(server, 50);
    assert_starts(server_ask(server, GET("/api/v1/hello/a", "")), "HTTP/1.1 200 ");
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
    int fd = server_dial(server);
    assert_int_equal(send(fd, request, sizeof request - 1, 0), sizeof request - 1);
    server_turn(server, 100);
    assert_true(server->stream_left > 0);
    server_talk(server, fd, "", 0, 4000, &answer);
    close(fd);
    assert_has(buffer_text(&answer), "filename*=UTF-8''G%C3%A4ste.csv\r\n");
    char *body = strstr(answer.bytes, "\r\n\r\n");
    memset(answer.bytes, ' ', (size_t)(body - answer.bytes));
    assert_int_equal(count(&answer, 's'), SERVER_STREAM_BYTES);
    assert_string_equal(answer.bytes + answer.length - 5, "0\r\n\r\n");
    buffer_finish(&answer);
}

static void a_stream_learns_that_its_client_left(void **state)
{
    struct server *server = *state;
    const char request[] = "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n";
    int fd = server_dial(server);
    assert_int_equal(send(fd, request, sizeof request - 1, 0), sizeof request - 1);
    server_turn(server, 50);
    close(fd);
    server_turn(server, 100);
    assert_int_equal(server->gone, 1);
}

static void on_drained(void *server)
{
    ((struct server *)server)->drained = true;
}

static void draining_serves_what_was_sent_and_then_ends(void **state)
{
    struct server *server = *state;
    struct buffer answer, late;
    const char held[] = "GET /held HTTP/1.1\r\nHost: h\r\n\r\n",
               half[] = "GET /api/v1/hello/h HTTP/1.1\r\nHost: h\r\n";
    int idle = server_dial(server), busy = server_dial(server), slow = server_dial(server);
    assert_int_equal(send(busy, held, sizeof held - 1, 0), sizeof held - 1);
    assert_int_equal(send(slow, half, sizeof half - 1, 0), sizeof half - 1);
    server_turn(server, 30);
    int queued = server_dial(server);
    assert_int_equal(send(queued, half, sizeof half - 1, 0), sizeof half - 1);
    listener_drain(server->listener, 0, on_drained, server);
    server_turn(server, 50);
    assert_false(server->drained);
    reply_view(server->held, 200, json_object());
    server_talk(server, busy, "", 0, 1000, &answer);
    assert_has(buffer_text(&answer), "Connection: close");
    buffer_finish(&answer);
    assert_int_equal(send(queued, "\r\n", 2, 0), 2);
    server_talk(server, queued, "", 0, 1000, &answer);
    assert_has(buffer_text(&answer), "HTTP/1.1 200 ");
    assert_false(server->drained);
    assert_int_equal(send(slow, "\r\n", 2, 0), 2);
    server_talk(server, slow, "", 0, 1000, &late);
    assert_has(buffer_text(&late), "HTTP/1.1 200 ");
    server_turn(server, 400);
    assert_true(server->drained);
    assert_int_equal(recv(idle, (char[1]){0}, 1, MSG_DONTWAIT), 0);
    assert_true(listener_is_draining(server->listener));
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
    const char request[] = "GET /endless HTTP/1.1\r\nHost: h\r\n\r\n";
    int fd = server_dial(server);
    assert_int_equal(send(fd, request, sizeof request - 1, 0), sizeof request - 1);
    server_turn(server, 400);
    assert_int_equal(server->gone, 0);
    listener_drain(server->listener, 0, on_drained, server);
    server_turn(server, 400);
    assert_int_equal(server->gone, 1);
    assert_true(server->drained);
    close(fd);
}

static void assert_serves_and_closes(struct server *server)
{
    struct buffer answer;
    const char request[] = "GET /api/v1/hello/h HTTP/1.1\r\nHost: h\r\n\r\n";
    int fd = server_dial(server);
    server_talk(server, fd, request, sizeof request - 1, 1000, &answer);
    assert_has(buffer_text(&answer), "HTTP/1.1 200 ");
    assert_has(buffer_text(&answer), "Connection: close");
    buffer_finish(&answer);
    close(fd);
}

static void draining_serves_on_for_its_delay(void **state)
{
    struct server *server = *state;
    listener_drain(server->listener, 500 * 1000, on_drained, server);
    server_turn(server, 100);
    assert_serves_and_closes(server);
    server_turn(server, 800);
    assert_true(server->drained);
}

static void a_slow_download_keeps_nobody_out(void **state)
{
    struct server *server = *state;
    struct buffer heard;
    const char download[] = "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n",
               endless[] = "GET /endless HTTP/1.1\r\nHost: h\r\n\r\n";
    int reader = server_dial(server), listener = server_dial(server);
    assert_int_equal(send(reader, download, sizeof download - 1, 0), sizeof download - 1);
    server_turn(server, 100);
    struct reply_stream *download_stream = server->stream;
    assert_int_equal(send(listener, endless, sizeof endless - 1, 0), sizeof endless - 1);
    listener_drain(server->listener, 0, on_drained, server);
    server_turn(server, 400);
    server_talk(server, listener, "", 0, 300, &heard);
    assert_has(buffer_text(&heard), ": bye\n\n");
    assert_serves_and_closes(server);
    assert_false(server->drained);
    server->stream = download_stream;
    server->gone = 0;
    server_turn(server, 2500);
    assert_int_equal(server->gone, 1);
    assert_true(server->drained);
    buffer_finish(&heard);
    close(reader);
    close(listener);
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
    server_start_at(&server, address);
    assert_starts(server_ask(&server, GET("/api/v1/hello/a", "")), "HTTP/1.1 200 ");
    buffer_init(&error);
    assert_false(listening_create(address, &second, &error));
    assert_has(buffer_text(&error), "another service");
    buffer_finish(&error);
    server_finish(&server);
    assert_int_equal(access(address + 5, F_OK), -1);
    buffer_init(&error);
    buffer_printf(&error, "%s.lock", address + 5);
    unlink(buffer_text(&error));
    buffer_finish(&error);
}

static void workers_share_one_address(void **state)
{
    struct server *server = *state;
    struct buffer error;
    int served = 0;
    buffer_init(&error);
    int second = listening_socket(server->listening, &error);
    assert_true(second >= 0);
    for (int i = 0; i < 64 && served == 0; i++) {
        int fd = server_dial(server), accepted = accept(second, NULL, NULL);
        served += accepted >= 0;
        close(accepted);
        close(fd);
    }
    assert_int_equal(served, 1);
    close(second);
}

static void an_address_in_use_is_refused(void **state)
{
    struct server *server = *state;
    struct listening *second;
    struct buffer error;
    buffer_init(&error);
    assert_false(listening_create(listening_address(server->listening), &second, &error));
    assert_has(buffer_text(&error), "Address already in use");
    buffer_clear(&error);
    static const char *const no_addresses[] = {"nowhere", "127.0.0.1:65536", "127.0.0.1:-1", "::1"};
    for (size_t i = 0; i < sizeof no_addresses / sizeof *no_addresses; i++) {
        assert_false(listening_create(no_addresses[i], &second, &error));
        assert_has(buffer_text(&error), "HOST:PORT");
        buffer_clear(&error);
        assert_false(listening_check(no_addresses[i], &error));
        buffer_clear(&error);
    }
    assert_true(listening_check("[::1]:65535", &error) && listening_check("unix:/x", &error));
    assert_false(listening_check("unix:", &error));
    buffer_finish(&error);
}

static void only_trusted_proxies_are_believed(void **state)
{
    struct trust trust;
    struct arena arena;
    struct buffer error;
    (void)state;
    arena_init(&arena);
    buffer_init(&error);
    assert_true(trust_parse("127.0.0.1, 10.0.0.0/8 2001:db8::/33", &trust, &error));
    assert_true(trust_has(&trust, "10.255.0.1"));
    assert_true(trust_has(&trust, "::ffff:10.1.1.1"));
    assert_true(trust_has(&trust, "2001:db8:7fff::1"));
    assert_false(trust_has(&trust, "2001:db8:8000::1"));
    assert_false(trust_has(&trust, "11.0.0.1"));
    assert_false(trust_has(&trust, ""));
    const char *const chain = "6.6.6.6, 1.2.3.4:99, 10.0.0.2";
    assert_string_equal(trust_client(&trust, &arena, "127.0.0.1", chain), "1.2.3.4");
    assert_string_equal(trust_client(&trust, &arena, "9.9.9.9", chain), "9.9.9.9");
    assert_string_equal(trust_client(&trust, &arena, "127.0.0.1", NULL), "127.0.0.1");
    static const struct {
        const char *forwarded_for, *client;
    } others[] = {
        {"6.6.6.6,1.2.3.4 , 10.0.0.2,10.0.0.3", "1.2.3.4"},
        {"10.0.0.2", "10.0.0.2"},
        {"[2001:db9::1]:443", "2001:db9::1"},
        {"2001:db9::1, [2001:db8::1]", "2001:db9::1"},
        {"::ffff:1.2.3.4", "::ffff:1.2.3.4"},
        /* The reading ends at what is no address. */
        {"x", "127.0.0.1"},
        {"", "127.0.0.1"},
        {"1.2.3.4, unknown, 10.0.0.2", "10.0.0.2"},
        {"1.2.3.4, , 10.0.0.2", "10.0.0.2"},
        {"1.2.3.4 5.6.7.8", "127.0.0.1"},
        {"1.2.3.4:http", "127.0.0.1"},
        {"1.2.3.4:99999", "127.0.0.1"},
        {"[1.2.3.4]", "127.0.0.1"},
        {"[2001:db9::1", "127.0.0.1"},
        {"[2001:db9::1]x", "127.0.0.1"},
        {"10.0.0.0/8", "127.0.0.1"},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_string_equal(trust_client(&trust, &arena, "127.0.0.1", others[i].forwarded_for),
                            others[i].client);
    assert_string_equal(trust_source(&arena, "192.0.2.7"), "192.0.2.7");
    assert_string_equal(trust_source(&arena, "::ffff:192.0.2.7"), "192.0.2.7");
    assert_string_equal(trust_source(&arena, "2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    assert_string_equal(trust_source(&arena, "2001:db8:1:2::9"), "2001:db8:1:2::/64");
    assert_string_equal(trust_source(&arena, "2001:db8:1:3::9"), "2001:db8:1:3::/64");
    assert_true(trust_is_loopback("127.0.0.1") && trust_is_loopback("127.9.9.9") &&
                trust_is_loopback("::1") && trust_is_loopback("::ffff:127.0.0.1") &&
                trust_is_loopback(""));
    assert_false(trust_is_loopback("128.0.0.1") || trust_is_loopback("::2"));
    assert_false(trust_parse("10.0.0.0/33", &trust, &error));
    assert_false(trust_parse("localhost", &trust, &error));
    assert_has(buffer_text(&error), "\"localhost\"");
    arena_finish(&arena);
    buffer_finish(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_server(a_client_that_shuts_its_side_down_gets_its_answer),
        with_server(past_its_deadline_a_request_is_answered_and_its_late_reply_dropped),
        with_server(a_reply_after_the_client_left_is_safe),
        with_server(a_stream_is_whole_and_waits_for_its_reader),
        with_server(a_stream_learns_that_its_client_left),
        with_server(draining_serves_what_was_sent_and_then_ends),
        with_server(draining_ends_endless_streams),
        with_server(draining_serves_on_for_its_delay),
        with_server(a_slow_download_keeps_nobody_out),
        with_server(workers_share_one_address),
        with_server(an_address_in_use_is_refused),
        cmocka_unit_test(a_unix_socket_serves_and_replaces_a_stale_file),
        cmocka_unit_test(only_trusted_proxies_are_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
