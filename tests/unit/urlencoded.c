/* Page forms become the JSON that the API takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/memory.h"
#include "http/urlencoded.h"

static void assert_form(const char *form, const char *expected)
{
    json_t *json = NULL;
    assert_true(urlencoded_parse(form, strlen(form), URLENCODED_FIELDS_MOST, &json));
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text, expected);
    free(text);
    json_decref(json);
}

static void assert_refused(const char *form)
{
    json_t *json = NULL;
    assert_false(urlencoded_parse(form, strlen(form), URLENCODED_FIELDS_MOST, &json));
    assert_null(json);
}

static void names_are_paths(void **state)
{
    (void)state;
    assert_form("email=ada%40example.org&attendees.0.name=Ada&attendees.0.answers.topics=ai"
                "&attendees.0.answers.topics=health&consents=privacy",
                "{\"attendees\":[{\"answers\":{\"topics\":[\"ai\",\"health\"]},\"name\":\"Ada\"}],"
                "\"consents\":\"privacy\",\"email\":\"ada@example.org\"}");
}

static void brackets_make_a_list_of_one(void **state)
{
    (void)state;
    assert_form("a[]=1", "{\"a\":[\"1\"]}");
    assert_form("a[]=1&a[]=2", "{\"a\":[\"1\",\"2\"]}");
    assert_form("a.b%5B%5D=1", "{\"a\":{\"b\":[\"1\"]}}");
}

static void lists_are_in_order_of_their_indexes(void **state)
{
    (void)state;
    assert_form("a.10.n=c&a.2.n=b&a.0.n=a", "{\"a\":[{\"n\":\"a\"},{\"n\":\"b\"},{\"n\":\"c\"}]}");
    assert_form("a.0=x&a.1=y", "{\"a\":[\"x\",\"y\"]}");
}

static void names_that_only_look_like_indexes_stay_names(void **state)
{
    (void)state;
    assert_form("a.100=x", "{\"a\":{\"100\":\"x\"}}");
    assert_form("a.01=x", "{\"a\":{\"01\":\"x\"}}");
    assert_form("a.0=x&a.b=y", "{\"a\":{\"0\":\"x\",\"b\":\"y\"}}");
}

static void values_are_decoded_as_browsers_encode_them(void **state)
{
    (void)state;
    assert_form("a=J%C3%BCrgen+M%26S", "{\"a\":\"J\xc3\xbcrgen M&S\"}");
    assert_form("a=100%&b=%zz", "{\"a\":\"100%\",\"b\":\"%zz\"}");
    assert_form("a=x%0D%0Ay%0D", "{\"a\":\"x\\ny\\r\"}");
    assert_form("a=b=c&d&e=", "{\"a\":\"b=c\",\"d\":\"\",\"e\":\"\"}");
    assert_form("&&a=1&", "{\"a\":\"1\"}");
    assert_form("", "{}");
}

static void contradictory_names_are_refused(void **state)
{
    (void)state;
    assert_refused("a=1&a.b=2");
    assert_refused("a.b=2&a=1");
    assert_refused("a[]=1&a.b=2");
    assert_refused("a..b=1");
    assert_refused(".a=1");
    assert_refused("a.=1");
    assert_refused("=1");
}

static void bytes_that_are_no_text_are_refused(void **state)
{
    (void)state;
    assert_refused("a=%FF");
    assert_refused("a=%00");
    assert_refused("%C0%80=a");
}

static void limits_hold(void **state)
{
    struct buffer form;
    json_t *json = NULL;
    (void)state;
    assert_form("a.b.c.d.e.f=1", "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":\"1\"}}}}}}");
    assert_refused("a.b.c.d.e.f.g=1");
    buffer_init(&form);
    for (int i = 0; i < URLENCODED_FIELDS_MOST; i++)
        buffer_add_text(&form, "a=1&");
    assert_true(urlencoded_parse(form.bytes, form.length, URLENCODED_FIELDS_MOST, &json));
    assert_int_equal(json_array_size(json_object_get(json, "a")), URLENCODED_FIELDS_MOST);
    json_decref(json);
    buffer_add_text(&form, "a=1");
    json = NULL;
    assert_refused(buffer_text(&form));
    buffer_finish(&form);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_paths),
        cmocka_unit_test(brackets_make_a_list_of_one),
        cmocka_unit_test(lists_are_in_order_of_their_indexes),
        cmocka_unit_test(names_that_only_look_like_indexes_stay_names),
        cmocka_unit_test(values_are_decoded_as_browsers_encode_them),
        cmocka_unit_test(contradictory_names_are_refused),
        cmocka_unit_test(bytes_that_are_no_text_are_refused),
        cmocka_unit_test(limits_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
