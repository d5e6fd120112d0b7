/* Parameters: PostgreSQL reads every value unchanged. */
#include "db/inside.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct params *params_of(int count)
{
    static struct statement statements[9];
    statements[count] = (struct statement){.name = "test/statement", .parameter_count = count};
    return params_for(&statements[count]);
}

static void expect(struct params *params, int at, const char *expected)
{
    const char *value = params_values(params)[at - 1];
    if (!expected) {
        assert_null(value);
        return;
    }
    assert_non_null(value);
    assert_string_equal(value, expected);
}

static void what_was_never_set_is_null(void **state)
{
    (void)state;
    struct params *params = params_of(2);
    assert_int_equal(params_count(params), 2);
    expect(params, 1, NULL);
    expect(params, 2, NULL);
    params_destroy(params);
    params_destroy(NULL);
}

static void every_kind_is_written_as_postgresql_reads_it(void **state)
{
    (void)state;
    struct id id = {.bytes = {0x01, 0x8f, [15] = 0xff}};
    struct params *params = params_of(8);
    params_text(params, 1, "O'Brien \"x\" \\ {a,b}\n");
    params_id(params, 2, &id);
    params_number(params, 3, INT64_MIN);
    params_bool(params, 4, true);
    params_bool(params, 5, false);
    params_time(params, 6, INT64_C(1652428800250000));
    params_bytes(params, 7, (const unsigned char *)"\0\\\"\xff", 4);
    params_text(params, 8, "");
    expect(params, 1, "O'Brien \"x\" \\ {a,b}\n");
    expect(params, 2, "018f0000-0000-0000-0000-0000000000ff");
    expect(params, 3, "-9223372036854775808");
    expect(params, 4, "t");
    expect(params, 5, "f");
    expect(params, 6, "2022-05-13T08:00:00.250000Z");
    expect(params, 7, "\\x005c22ff");
    expect(params, 8, "");
    params_destroy(params);
}

static void a_null_text_or_id_is_null_even_where_a_value_was(void **state)
{
    (void)state;
    struct id id = {{1}};
    struct params *params = params_of(2);
    params_text(params, 1, "x");
    params_id(params, 2, &id);
    params_text(params, 1, NULL);
    params_id(params, 2, NULL);
    expect(params, 1, NULL);
    expect(params, 2, NULL);
    params_destroy(params);
}

static void an_array_without_elements_is_empty_and_not_null(void **state)
{
    (void)state;
    struct params *params = params_of(1);
    params_array(params, 1);
    expect(params, 1, "{}");
    params_add_number(params, 1, 7);
    expect(params, 1, "{7}");
    params_destroy(params);
}

static void elements_keep_what_is_in_them(void **state)
{
    (void)state;
    struct params *params = params_of(1);
    params_add_text(params, 1, "plain");
    params_add_text(params, 1, "");
    params_add_text(params, 1, NULL);
    params_add_text(params, 1, "NULL");
    params_add_text(params, 1, "a,b {c} \"d\" \\e 'f'");
    params_add_text(params, 1, "\\");
    params_add_text(params, 1, "\"");
    expect(params, 1,
           "{\"plain\",\"\",NULL,\"NULL\",\"a,b {c} \\\"d\\\" \\\\e 'f'\",\"\\\\\",\"\\\"\"}");
    params_destroy(params);
}

static void elements_of_every_kind(void **state)
{
    (void)state;
    struct id id = {.bytes = {0xab, [15] = 1}};
    struct params *params = params_of(5);
    params_add_id(params, 1, &id);
    params_add_id(params, 1, NULL);
    params_add_number(params, 2, -1);
    params_add_number(params, 2, INT64_MAX);
    params_add_bool(params, 3, true);
    params_add_bool(params, 3, false);
    params_add_time(params, 4, 0);
    params_add_bytes(params, 5, (const unsigned char *)"\x00\xfe", 2);
    params_add_bytes(params, 5, NULL, 0);
    expect(params, 1, "{ab000000-0000-0000-0000-000000000001,NULL}");
    expect(params, 2, "{-1,9223372036854775807}");
    expect(params, 3, "{t,f}");
    expect(params, 4, "{1970-01-01T00:00:00Z}");
    expect(params, 5, "{\"\\\\x00fe\",\"\\\\x\"}");
    params_destroy(params);
}

static void an_array_can_be_looked_at_and_then_grow(void **state)
{
    (void)state;
    struct params *params = params_of(1);
    params_add_text(params, 1, "a");
    expect(params, 1, "{\"a\"}");
    expect(params, 1, "{\"a\"}");
    params_add_text(params, 1, "b");
    expect(params, 1, "{\"a\",\"b\"}");
    params_destroy(params);
}

static void values_are_copied(void **state)
{
    (void)state;
    char text[] = "before";
    struct params *params = params_of(2);
    params_text(params, 1, text);
    params_add_text(params, 2, text);
    memcpy(text, "behind", sizeof text);
    expect(params, 1, "before");
    expect(params, 2, "{\"before\"}");
    params_destroy(params);
}

static void a_long_column_is_whole(void **state)
{
    (void)state;
    enum { ELEMENTS = 20000 };
    struct params *params = params_of(1);
    for (int i = 0; i < ELEMENTS; i++)
        params_add_number(params, 1, i);
    const char *at = params_values(params)[0];
    assert_int_equal(*at++, '{');
    for (int i = 0; i < ELEMENTS; i++) {
        char *end;
        assert_int_equal(strtol(at, &end, 10), i);
        assert_int_equal(*end, i + 1 < ELEMENTS ? ',' : '}');
        at = end + 1;
    }
    assert_int_equal(*at, '\0');
    params_destroy(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_never_set_is_null),
        cmocka_unit_test(every_kind_is_written_as_postgresql_reads_it),
        cmocka_unit_test(a_null_text_or_id_is_null_even_where_a_value_was),
        cmocka_unit_test(an_array_without_elements_is_empty_and_not_null),
        cmocka_unit_test(elements_keep_what_is_in_them),
        cmocka_unit_test(elements_of_every_kind),
        cmocka_unit_test(an_array_can_be_looked_at_and_then_grow),
        cmocka_unit_test(values_are_copied),
        cmocka_unit_test(a_long_column_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
