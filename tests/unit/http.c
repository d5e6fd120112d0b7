/* Answers to requests over real sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <unistd.h>

#include "http_server.h"
#include "http/metrics.h"

enum { BIG_BYTES = 10 * 1024 * 1024 };

static void a_view_is_json_under_api_and_a_page_elsewhere(void **state)
{
    const char *answer = server_ask(*state, GET("/api/v1/hello/J%C3%BCrgen%20%3Cb%3E", ""));
    assert_starts(answer, "HTTP/1.1 200 OK\r\n");
    assert_has(answer, "{\"name\":\"J\xc3\xbcrgen <b>\"");
    assert_has(answer, "Content-Type: application/json");
    assert_lacks(answer, "Content-Security-Policy");
    answer = server_ask(*state, GET("/hello/J%C3%BCrgen%20%3Cb%3EX", ""));
    assert_has(answer, "<h1>J\xc3\xbcrgen &lt;b&gt;X</h1>");
    assert_has(answer, "Content-Security-Policy: default-src 'none'");
}

static void a_view_that_could_not_be_built_or_written_is_no_success(void **state)
{
    static const char *const requests[] = {GET("/api/v1/broken/null", ""), GET("/broken/null", ""),
                                           GET("/api/v1/broken/unwritten", "")};
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        const char *answer = server_ask(*state, requests[i]);
        assert_starts(answer, "HTTP/1.1 500 ");
        assert_has(answer, "Content-Type: application/problem+json");
        assert_has(answer, "\"code\":\"internal\"");
    }
    assert_starts(server_ask(*state, GET("/api/v1/hello/a", "")), "HTTP/1.1 200 ");
}

static void every_answer_has_an_id_and_safe_headers(void **state)
{
    const char *answer =
        server_ask(*state, GET("/api/v1/hello/a", "X-Request-Id: from-proxy.1\r\n"));
    assert_has(answer, "X-Request-Id: from-proxy.1\r\n");
    assert_has(answer, "X-Content-Type-Options: nosniff\r\n");
    assert_has(answer, "Referrer-Policy: same-origin\r\n");
    assert_has(answer, "Cache-Control: no-store\r\n");
    assert_has(answer, "Strict-Transport-Security: ");
    assert_has(server_ask(*state, GET("/hello/a?key=secret", "")),
               "Referrer-Policy: strict-origin\r\n");
    answer = server_ask(*state, GET("/api/v1/hello/a", "X-Request-Id: a<b>\r\n"));
    assert_lacks(answer, "a<b>");
    assert_has(answer, "X-Request-Id: ");
}

static void unknown_paths_and_methods_are_problems(void **state)
{
    const char *answer = server_ask(*state, GET("/api/v1/nothing", "Accept: text/html\r\n"));
    assert_starts(answer, "HTTP/1.1 404 ");
    assert_has(answer, "Content-Type: application/problem+json");
    assert_has(answer, "\"code\":\"not_found\"");
    assert_has(answer, "\"type\":\"/problems/not_found\"");
    answer = server_ask(*state, GET("/nothing", "Accept: text/html\r\nAccept-Language: de\r\n"));
    assert_has(answer, "<html lang=\"de\">");
    assert_has(answer, "Seite nicht gefunden");
    answer = server_ask(*state, "DELETE /api/v1/hello/a" CLOSE "\r\n");
    assert_starts(answer, "HTTP/1.1 405 ");
    assert_has(answer, "Allow: GET, HEAD\r\n");
    answer = server_ask(*state, "OPTIONS /api/v1/hello/a" CLOSE "\r\n");
    assert_starts(answer, "HTTP/1.1 204 ");
    assert_has(answer, "Allow: GET, HEAD\r\n");
}

static void an_address_with_two_slashes_links_to_no_other_site(void **state)
{
    static const char *const targets[] = {"//evil.example/", "///evil.example/", "/\\evil.example/",
                                          "/\\/evil.example/?a=b"};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        char request[200];
        snprintf(request, sizeof request, "GET %s" CLOSE "Accept: text/html\r\n\r\n", targets[i]);
        const char *answer = server_ask(*state, request);
        assert_starts(answer, "HTTP/1.1 404 ");
        assert_has(answer, "href=\"/evil.example/?lang");
        assert_lacks(answer, "href=\"//");
        assert_lacks(answer, "href=\"/\\");
    }
}

static void a_head_request_gets_the_head_only(void **state)
{
    const char *answer = server_ask(*state, "HEAD /api/v1/hello/a" CLOSE "\r\n");
    assert_starts(answer, "HTTP/1.1 200 OK\r\n");
    assert_has(answer, "Content-Length: 24\r\n");
    assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
}

static void roles_are_checked_before_the_handler(void **state)
{
    const char *answer = server_ask(*state, GET("/api/v1/owners", ""));
    assert_starts(answer, "HTTP/1.1 401 ");
    assert_has(answer, "WWW-Authenticate: Bearer\r\n");
    answer = server_ask(*state, GET("/api/v1/owners", "Authorization: Bearer viewer\r\n"));
    assert_starts(answer, "HTTP/1.1 403 ");
    answer = server_ask(*state, GET("/api/v1/owners", "Authorization: Bearer owner\r\n"));
    assert_starts(answer, "HTTP/1.1 200 ");
}

#define POST(path, headers, length, body)                                                          \
    "POST " path CLOSE "Content-Length: " #length "\r\n" headers "\r\n" body
#define JSON_TYPE "Content-Type: application/json\r\n"
#define FORM_TYPE "Content-Type: application/x-www-form-urlencoded\r\n"

static void bodies_are_checked_before_the_handler(void **state)
{
    struct server *server = *state;
    const char *answer = server_ask(server, POST("/api/v1/echo", JSON_TYPE, 7, "{\"a\":1}"));
    assert_starts(answer, "HTTP/1.1 201 Created\r\n");
    assert_has(answer, "{\"body\":{\"a\":1}}");
    assert_int_equal(server->handled, 1);
    answer = server_ask(server, POST("/api/v1/echo", JSON_TYPE, 8, "{\"a\":\n1,"));
    assert_starts(answer, "HTTP/1.1 400 ");
    assert_has(answer, "\"code\":\"malformed_json\"");
    assert_has(answer, "\"line\":2");
    assert_has(server_ask(server, POST("/api/v1/echo", JSON_TYPE, 2, "[]")), "malformed_json");
    assert_has(server_ask(server, POST("/api/v1/echo", JSON_TYPE, 13, "{\"a\":1,\"a\":2}")),
               "malformed_json");
    assert_has(server_ask(server, POST("/api/v1/echo", JSON_TYPE, 0, "")), "malformed_json");
    assert_has(server_ask(server, POST("/api/v1/echo", FORM_TYPE, 3, "a=1")), "unsupported_type");
    assert_has(server_ask(server, POST("/api/v1/echo", "", 7, "{\"a\":1}")), "unsupported_type");
    assert_has(
        server_ask(server, POST("/api/v1/echo", JSON_TYPE "Idempotency-Key: \x80\r\n", 2, "{}")),
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
    assert_has(server_ask(*state, buffer_text(&request)), "malformed_json");
    buffer_finish(&request);
}

static void a_page_takes_forms_of_its_own_site_only(void **state)
{
    struct server *server = *state;
    server_ask(server, POST("/echo", FORM_TYPE "Origin: http://h\r\n", 5, "a.b=1"));
    assert_int_equal(server->handled, 1);
    server_ask(server,
               POST("/echo", FORM_TYPE "Origin: https://tickets.example.org\r\n", 5, "a.b=1"));
    assert_int_equal(server->handled, 2);
    const char *answer =
        server_ask(server, POST("/echo", FORM_TYPE "Origin: http://x\r\n", 3, "a=1"));
    assert_starts(answer, "HTTP/1.1 403 ");
    answer =
        server_ask(server, POST("/echo", FORM_TYPE "Sec-Fetch-Site: cross-site\r\n", 3, "a=1"));
    assert_starts(answer, "HTTP/1.1 403 ");
    answer = server_ask(server, POST("/echo", FORM_TYPE "Origin: null\r\n", 3, "a=1"));
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
        const char *answer = server_ask(*state, refused[i]);
        assert_starts(answer, "HTTP/1.1 400 ");
        assert_has(answer, "application/problem+json");
        assert_has(answer, "\"code\":\"bad_request\"");
        assert_lacks(answer, "<HTML>");
    }
    assert_has(server_ask(*state, "BREW /pot" CLOSE "\r\n"), "unknown_method");
    assert_has(server_ask(*state, "CONNECT h:1" CLOSE "\r\n"), "unknown_method");
    assert_has(
        server_ask(*state, "POST /api/v1/echo" CLOSE "Content-Length: 1\r\nExpect: gold\r\n\r\n"),
        "expectation_failed");
}

/* A request that a proxy may read in another way gets 400, and nothing behind it is read. */
static void what_can_be_read_in_two_ways_is_refused_and_closed(void **state)
{
    static const char *const heads[] = {
        "Host: h\r\nContent-Length: 2\r\nContent-Length: 2",
        "Host: h\r\nContent-Length: 2\r\nContent-Length: 40",
        "Host: h\r\nContent-Length: 2, 2",
        "Host: h\r\nContent-Length: +2",
        "Host: h\r\nContent-Length: -2",
        "Host: h\r\nContent-Length: 0x2",
        "Host: h\r\nContent-Length: 2 2",
        "Host: h\r\nContent-Length:",
        "Host: h\r\nContent-Length : 2",
        "Host: h\r\nContent-Length\t: 2",
        "Host: h\r\nX-Other : 2\r\nContent-Length: 2",
        "Host: h\r\nTransfer-Encoding : chunked",
        "Host: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 2",
        "Host: h\r\nContent-Length: 2\r\nTransfer-Encoding: identity",
        "Host: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Host: h\r\nTransfer-Encoding: gzip, chunked",
        "Host: h\r\nTransfer-Encoding: xchunked",
        "Host: h\r\nHost: h\r\nContent-Length: 2",
        "Host: h\r\nhOST: other\r\nContent-Length: 2",
        "Host : h\r\nContent-Length: 2",
        "Content-Length: 2",
    };
    struct server *server = *state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        char request[400];
        snprintf(request, sizeof request,
                 "POST /api/v1/echo HTTP/1.1\r\n" JSON_TYPE "%s\r\n\r\n{}%s", heads[i],
                 "GET /api/v1/hello/smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
        const char *answer = server_ask(server, request);
        if (strncmp(answer, "HTTP/1.1 400 ", 13) != 0 || strstr(answer, "smuggled") ||
            !strstr(answer, "\r\nConnection: close\r\n") || strstr(answer, "\nHTTP/1.1 "))
            fail_msg("%s\n%s", heads[i], answer);
    }
    assert_int_equal(server->handled, 0);
    const char *good =
        server_ask(server, "POST /api/v1/echo" CLOSE JSON_TYPE "Content-Length: 02\r\n\r\n{}");
    assert_starts(good, "HTTP/1.1 201 ");
    assert_int_equal(server->handled, 1);
}

static void too_large_requests_see_why(void **state)
{
    static const char *const heads[] = {
        "POST /api/v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10485760\r\n\r\n",
        "POST /api/v1/echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nA00000\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: ",
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
        int fd = server_dial(*state);
        server_talk(*state, fd, request.bytes, request.length, 4000, &answer);
        assert_has(buffer_text(&answer), codes[i]);
        assert_has(buffer_text(&answer), "\r\nConnection: close\r\n");
        close(fd);
        buffer_finish(&request);
        buffer_finish(&answer);
    }
    assert_has(server_ask(*state, "POST /api/v1/echo" CLOSE JSON_TYPE
                                  "Content-Length: 70000\r\nExpect: 100-continue\r\n\r\n"),
               "HTTP/1.1 413 ");
}

static void a_body_larger_than_its_row_takes_is_refused(void **state)
{
    struct buffer request;
    buffer_init(&request);
    buffer_printf(&request,
                  "POST /api/v1/echo" CLOSE JSON_TYPE "Content-Length: 1001\r\n\r\n%1001d", 1);
    assert_starts(server_ask(*state, buffer_text(&request)), "HTTP/1.1 413 ");
    buffer_finish(&request);
}

static void odd_but_good_requests_are_served(void **state)
{
    const char *answer =
        server_ask(*state, "GET http://h/api/v1/hello/abs?x=1 HTTP/1.1\r\nHost: h\r\n"
                           "Connection: close\r\n\r\n");
    assert_has(answer, "\"abs\"");
    answer = server_ask(*state, "GET /api/v1/hello/old HTTP/1.0\r\n\r\n");
    assert_starts(answer, "HTTP/1.0 200 OK\r\n");
    answer = server_ask(*state,
                        "POST /api/v1/echo" CLOSE JSON_TYPE
                        "Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n");
    assert_has(answer, "{\"body\":{\"a\":1}}");
    answer = server_ask(*state, "POST /api/v1/echo" CLOSE JSON_TYPE
                                "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n{}");
    assert_has(answer, "HTTP/1.1 201 ");
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    const char *answer = server_ask(
        *state,
        "GET /api/v1/hello/one HTTP/1.1\r\nHost: h\r\n\r\n"
        "HEAD /api/v1/hello/two HTTP/1.1\r\nHost: h\r\n\r\n" GET("/api/v1/hello/three", ""));
    const char *one = strstr(answer, "\"one\""), *three = strstr(answer, "\"three\"");
    assert_non_null(one);
    assert_non_null(three);
    assert_true(one < three);
    assert_lacks(answer, "\"two\"");
}

static void a_ready_page_is_packed_and_answers_not_modified(void **state)
{
    char etag[64];
    const char *plain = server_ask(*state, GET("/ready", ""));
    size_t plain_length = strlen(plain);
    assert_has(plain, "xxxxxxxx");
    assert_int_equal(sscanf(strstr(plain, "ETag: "), "ETag: %60s", etag), 1);
    struct buffer request;
    buffer_init(&request);
    buffer_printf(&request, GET("/ready", "If-None-Match: %s\r\n"), etag);
    assert_starts(server_ask(*state, buffer_text(&request)), "HTTP/1.1 304 ");
    buffer_finish(&request);
    const char *packed = server_ask(*state, GET("/ready", "Accept-Encoding: br, gzip;q=0.5\r\n"));
    assert_has(packed, "Content-Encoding: gzip\r\n");
    assert_true(strlen(packed) < plain_length / 2);
    assert_lacks(server_ask(*state, GET("/ready", "Accept-Encoding: gzip;q=0, *\r\n")), "gzip\r\n");
}

static void the_language_is_remembered(void **state)
{
    const char *answer =
        server_ask(*state, GET("/hello/a?lang=de&x=%26", "Accept-Language: en\r\n"));
    assert_has(answer, "<html lang=\"de\">");
    assert_has(answer, "Set-Cookie: lang=de; Path=/;");
    assert_has(answer, "href=\"/hello/a?lang=en&amp;x=%26\"");
    answer = server_ask(*state, GET("/hello/a", "Accept-Language: en\r\nCookie: a=b; lang=de\r\n"));
    assert_has(answer, "<html lang=\"de\">");
    answer = server_ask(*state, GET("/hello/a?lang=xx", "Accept-Language: de-AT\r\n"));
    assert_has(answer, "<html lang=\"de\">");
}

static void styles_are_served_under_a_lasting_address(void **state)
{
    char request[300], path[100];
    const char *answer = server_ask(*state, GET("/hello/a", ""));
    assert_int_equal(sscanf(strstr(answer, "/assets/einlass."), "%90[^\"]", path), 1);
    snprintf(request, sizeof request, GET("%s", ""), path);
    answer = server_ask(*state, request);
    assert_starts(answer, "HTTP/1.1 200 ");
    assert_has(answer, "Content-Type: text/css");
    assert_has(answer, "immutable");
    assert_starts(server_ask(*state, GET("/assets/einlass.css", "")), "HTTP/1.1 404 ");
}

static void requests_are_counted_by_route(void **state)
{
    struct server *server = *state;
    struct buffer metrics;
    server_ask(server, GET("/api/v1/hello/a", ""));
    server_ask(server, GET("/api/v1/hello/b", ""));
    server_ask(server, GET("/nothing", ""));
    buffer_init(&metrics);
    metrics_write(&server->listener, 1, &metrics);
    assert_has(buffer_text(&metrics), "einlass_http_requests_total{method=\"GET\","
                                      "route=\"/api/v1/hello/{name}\",status=\"200\"} 2\n");
    assert_has(buffer_text(&metrics), "route=\"none\",status=\"404\"} 1\n");
    assert_has(buffer_text(&metrics), "le=\"+Inf\"} 2\n");
    assert_has(buffer_text(&metrics), "einlass_http_requests_in_flight 0\n");
    buffer_finish(&metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_server(a_view_that_could_not_be_built_or_written_is_no_success),
        with_server(a_view_is_json_under_api_and_a_page_elsewhere),
        with_server(every_answer_has_an_id_and_safe_headers),
        with_server(unknown_paths_and_methods_are_problems),
        with_server(an_address_with_two_slashes_links_to_no_other_site),
        with_server(a_head_request_gets_the_head_only),
        with_server(roles_are_checked_before_the_handler),
        with_server(bodies_are_checked_before_the_handler),
        with_server(deep_json_is_refused),
        with_server(a_page_takes_forms_of_its_own_site_only),
        with_server(what_evhttp_refuses_is_a_problem_too),
        with_server(what_can_be_read_in_two_ways_is_refused_and_closed),
        with_server(too_large_requests_see_why),
        with_server(a_body_larger_than_its_row_takes_is_refused),
        with_server(odd_but_good_requests_are_served),
        with_server(pipelined_requests_are_answered_in_order),
        with_server(a_ready_page_is_packed_and_answers_not_modified),
        with_server(the_language_is_remembered),
        with_server(styles_are_served_under_a_lasting_address),
        with_server(requests_are_counted_by_route),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
