/* The router finds the row of a request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "http/router.h"

static void handle(struct request *request)
{
    (void)request;
}

#define ROW(verb, at, where)                                                                       \
    {                                                                                              \
        .method = verb, .path = at, .mount = where, .who = WHO_ANYBODY, .template = "t.html",      \
        .handle = handle                                                                           \
    }

static const struct route routes[] = {
    ROW("GET", "/", ROUTE_PAGE),
    ROW("GET", "/events/{event}", ROUTE_API | ROUTE_PAGE),
    ROW("POST", "/events/{event}/registrations", ROUTE_API),
    ROW("GET", "/registrations/{registration}", ROUTE_API),
    ROW("PATCH", "/registrations/{registration}", ROUTE_API),
    ROW("DELETE", "/registrations/{registration}", ROUTE_API),
    ROW("GET", "/events/{event}/attendees.csv", ROUTE_API),
    ROW("GET", "/healthz", ROUTE_PLAIN),
    ROW("GET", "/", ROUTE_DESK),
    ROW("GET", "/people/{person}", ROUTE_DESK),
    ROW("POST", "/people/{person}", ROUTE_DESK),
    ROW("GET", "/people/new", ROUTE_DESK),
    {0},
};

struct fixture {
    struct router *router;
    struct arena arena;
    struct router_match match;
};

static void set_up(struct fixture *fixture)
{
    const struct route *const tables[] = {routes, NULL};
    struct buffer error;
    buffer_init(&error);
    assert_true(router_create(tables, &fixture->router, &error));
    arena_init(&fixture->arena);
}

static void tear_down(struct fixture *fixture)
{
    router_destroy(fixture->router);
    arena_finish(&fixture->arena);
}

static enum router_outcome find(struct fixture *fixture, const char *method, const char *path)
{
    return router_find(fixture->router, &fixture->arena, method, path, &fixture->match);
}

static void a_row_is_found_at_each_of_its_mounts(void **state)
{
    struct fixture f;
    (void)state;
    set_up(&f);
    assert_int_equal(find(&f, "GET", "/events/summer"), ROUTER_FOUND);
    assert_int_equal(f.match.mount, ROUTE_PAGE);
    assert_string_equal(f.match.pattern, "/events/{event}");
    assert_int_equal(find(&f, "GET", "/api/v1/events/summer"), ROUTER_FOUND);
    assert_int_equal(f.match.mount, ROUTE_API);
    assert_string_equal(f.match.pattern, "/api/v1/events/{event}");
    assert_string_equal(router_value(&f.match, "event"), "summer");
    assert_null(router_value(&f.match, "even"));
    assert_int_equal(find(&f, "GET", "/"), ROUTER_FOUND);
    assert_int_equal(find(&f, "GET", "/healthz"), ROUTER_FOUND);
    assert_int_equal(find(&f, "GET", "/api/v1/healthz"), ROUTER_NO_PATH);
    assert_int_equal(find(&f, "HEAD", "/healthz"), ROUTER_FOUND);
    tear_down(&f);
}

static void every_row_is_found_under_its_index(void **state)
{
    struct fixture f;
    (void)state;
    set_up(&f);
    assert_int_equal(router_size(f.router), 13);
    for (int i = 0; i < router_size(f.router); i++) {
        const char *method = router_route(f.router, i)->method;
        const char *pattern = router_pattern(f.router, i);
        assert_int_equal(find(&f, method, pattern), ROUTER_FOUND);
        assert_int_equal(f.match.index, i);
        assert_ptr_equal(f.match.route, router_route(f.router, i));
    }
    tear_down(&f);
}

static void the_desk_has_its_rows_below_its_own_path(void **state)
{
    struct fixture f;
    (void)state;
    set_up(&f);
    assert_int_equal(find(&f, "GET", "/desk"), ROUTER_FOUND);
    assert_int_equal(f.match.mount, ROUTE_DESK);
    assert_string_equal(f.match.pattern, "/desk");
    assert_int_equal(find(&f, "GET", "/desk/"), ROUTER_NO_PATH);
    assert_int_equal(find(&f, "GET", "/people/ada"), ROUTER_NO_PATH);
    tear_down(&f);
}

static void a_literal_path_goes_before_a_parameter(void **state)
{
    struct fixture f;
    (void)state;
    set_up(&f);
    assert_int_equal(find(&f, "GET", "/desk/people/new"), ROUTER_FOUND);
    assert_string_equal(f.match.pattern, "/desk/people/new");
    assert_int_equal(find(&f, "GET", "/desk/people/newton"), ROUTER_FOUND);
    assert_string_equal(router_value(&f.match, "person"), "newton");
    assert_int_equal(find(&f, "POST", "/desk/people/ada"), ROUTER_FOUND);
    tear_down(&f);
}

static void a_path_with_other_methods_names_them(void **state)
{
    struct fixture f;
    (void)state;
    set_up(&f);
    assert_int_equal(find(&f, "POST", "/api/v1/registrations/1"), ROUTER_NO_METHOD);
    assert_string_equal(f.match.allow, "GET, HEAD, PATCH, DELETE");
    assert_int_equal(find(&f, "GET", "/api/v1/events/x/registrations"), ROUTER_NO_METHOD);
    assert_string_equal(f.match.allow, "POST");
    tear_down(&f);
}

static void segments_are_decoded_once(void **state)
{
    struct fixture f;
    (void)state;
    set_up(&f);
    assert_int_equal(find(&f, "GET", "/events/J%C3%BCrgen%2F%2525+"), ROUTER_FOUND);
    assert_string_equal(router_value(&f.match, "event"), "J\xc3\xbcrgen/%25+");
    assert_int_equal(find(&f, "GET", "/health%7A"), ROUTER_FOUND);
    tear_down(&f);
}

static void paths_that_are_none_find_nothing(void **state)
{
    static const char *const paths[] = {
        "",
        "*",
        "events/x",
        "//",
        "/events//",
        "/events/",
        "/events/x/",
        "/events/%",
        "/events/%0",
        "/events/%00",
        "/events/%ff",
        "/events/%c0%80",
        "/events/\xff",
        "/a/b/c/d/e/f/g/h/i",
        "/EVENTS/x",
        "http://h/events/x",
    };
    struct fixture f;
    (void)state;
    set_up(&f);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_int_equal(find(&f, "GET", paths[i]), ROUTER_NO_PATH);
    tear_down(&f);
}

static void assert_refused(const struct route *table, const char *reason)
{
    const struct route *const tables[] = {table, NULL};
    struct router *router = NULL;
    struct buffer error;
    buffer_init(&error);
    assert_false(router_create(tables, &router, &error));
    assert_null(router);
    assert_non_null(strstr(buffer_text(&error), reason));
    buffer_finish(&error);
}

static void rows_that_one_request_could_mean_are_refused(void **state)
{
    const struct route same[] = {
        ROW("GET", "/a/{b}", ROUTE_API), ROW("GET", "/a/{c}", ROUTE_API), {0}};
    const struct route overlap[] = {
        ROW("GET", "/a/{b}", ROUTE_API), ROW("GET", "/{c}/d", ROUTE_API), {0}};
    const struct route mounts[] = {
        ROW("GET", "/a", ROUTE_PAGE), ROW("GET", "/a", ROUTE_PLAIN), {0}};
    const struct route prefix[] = {
        ROW("GET", "/a", ROUTE_API), ROW("GET", "/api/v1/a", ROUTE_PLAIN), {0}};
    (void)state;
    assert_refused(same, "can mean the same request");
    assert_refused(overlap, "can mean the same request");
    assert_refused(mounts, "can mean the same request");
    assert_refused(prefix, "can mean the same request");
}

static void rows_that_cannot_work_are_refused(void **state)
{
    const struct route method[] = {ROW("HEAD", "/a", ROUTE_API), {0}};
    const struct route path[] = {ROW("GET", "/a/", ROUTE_API), {0}};
    const struct route relative[] = {ROW("GET", "a", ROUTE_API), {0}};
    const struct route deep[] = {ROW("GET", "/{a}/{b}/{c}/{d}/{e}", ROUTE_API), {0}};
    const struct route bare[] = {
        {.method = "GET", .path = "/a", .mount = ROUTE_PAGE, .who = 1, .handle = handle}, {0}};
    const struct route idle[] = {{.method = "GET", .path = "/a", .mount = ROUTE_API, .who = 1},
                                 {0}};
    const struct route nobody[] = {
        {.method = "GET", .path = "/a", .mount = ROUTE_API, .handle = handle}, {0}};
    (void)state;
    assert_refused(method, "method");
    assert_refused(path, "cannot be read");
    assert_refused(relative, "cannot be read");
    assert_refused(deep, "cannot be read");
    assert_refused(bare, "without a template");
    assert_refused(idle, "no handler");
    assert_refused(nobody, "nobody");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_found_at_each_of_its_mounts),
        cmocka_unit_test(every_row_is_found_under_its_index),
        cmocka_unit_test(the_desk_has_its_rows_below_its_own_path),
        cmocka_unit_test(a_literal_path_goes_before_a_parameter),
        cmocka_unit_test(a_path_with_other_methods_names_them),
        cmocka_unit_test(segments_are_decoded_once),
        cmocka_unit_test(paths_that_are_none_find_nothing),
        cmocka_unit_test(rows_that_one_request_could_mean_are_refused),
        cmocka_unit_test(rows_that_cannot_work_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
