/* The writer of JSON: what it writes is JSON for any text, and reads as what was written. */
#include "base/json_writer.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <jansson.h>

#include "base/clock.h"
#include "view/escape.h"

enum { FLAGS = JSON_COMPACT | JSON_ENCODE_ANY | ESCAPE_REALS };

struct text {
    struct buffer out;
    struct json_writer json;
};

static struct json_writer *begin(struct text *text)
{
    buffer_init(&text->out);
    json_writer_init(&text->json, &text->out);
    return &text->json;
}

static void expect(struct text *text, const char *expected)
{
    assert_string_equal(buffer_text(&text->out), expected);
    buffer_finish(&text->out);
}

static void members_and_items_have_their_commas(void **state)
{
    (void)state;
    struct text text;
    struct id id = {.bytes = {1, [15] = 0xef}};
    struct json_writer *json = begin(&text);
    json_writer_object(json, NULL);
    json_writer_list(json, "empty");
    json_writer_end(json);
    json_writer_list(json, "list");
    json_writer_number(json, NULL, INT64_MIN);
    json_writer_object(json, NULL);
    json_writer_end(json);
    json_writer_bool(json, NULL, false);
    json_writer_end(json);
    json_writer_id(json, "id", &id);
    json_writer_id(json, "no id", &(struct id){0});
    json_writer_time(json, "at", INT64_C(1778659200250000));
    json_writer_time(json, "never", 0);
    json_writer_text(json, "nothing", NULL);
    json_writer_json(json, "given", "[1]", 3);
    json_writer_end(json);
    expect(&text, "{\"empty\":[],\"list\":[-9223372036854775808,{},false],"
                  "\"id\":\"01000000-0000-0000-0000-0000000000ef\",\"no id\":null,"
                  "\"at\":\"2026-05-13T08:00:00.250000Z\",\"never\":null,\"nothing\":null,"
                  "\"given\":[1]}");
}

static void every_byte_is_written_so_that_it_reads_as_itself(void **state)
{
    (void)state;
    for (int c = 1; c < 0x80; c++) {
        char sign[] = {'a', (char)c, 'b', '\0'};
        struct text text;
        struct json_writer *json = begin(&text);
        json_writer_object(json, NULL);
        json_writer_text(json, sign, sign);
        json_writer_end(json);
        for (const char *at = buffer_text(&text.out); *at; at++)
            assert_true((unsigned char)*at >= ' ' && *at != 0x7f);
        json_t *read = json_loads(buffer_text(&text.out), 0, NULL);
        assert_non_null(read);
        assert_string_equal(json_string_value(json_object_get(read, sign)), sign);
        json_decref(read);
        buffer_finish(&text.out);
    }
}

static void utf8_stays_and_other_bytes_are_escaped(void **state)
{
    (void)state;
    struct text text;
    json_writer_text(begin(&text), NULL, "Grüße, 東京 😀\n");
    expect(&text, "\"Grüße, 東京 😀\\n\"");
    json_writer_text(begin(&text), NULL, "Gr\xfc\xdf \xe2\x82");
    expect(&text, "\"Gr\\u00FC\\u00DF \\u00E2\\u0082\"");
    json_writer_text_of(begin(&text), NULL, "a\0b", 3);
    expect(&text, "\"a\\u0000b\"");
}

static void jsonb_loses_the_blanks_between_its_parts_only(void **state)
{
    (void)state;
    struct text text;
    json_writer_jsonb(begin(&text), NULL,
                      "{\"a b\": [1, 2], \"q\\\" ,\": \"x\\\\\", \"c d\": null}");
    expect(&text, "{\"a b\":[1,2],\"q\\\" ,\":\"x\\\\\",\"c d\":null}");
}

/* Answers were written by jansson before: they have not changed. */
static void a_value_is_written_as_jansson_writes_it(void **state)
{
    (void)state;
    json_t *value =
        json_loads("{\"z\": \"\\b\\f\\n\\r\\t\\u0001\\u001f\\\"\\\\/ü\", \"a\": [0.1, 1e300, "
                   "-5, true, null, [], {}, 100.0, 1e-7]}",
                   0, NULL);
    struct text text;
    assert_non_null(value);
    assert_true(escape_json(begin(&text), NULL, value));
    char *expected = json_dumps(value, FLAGS);
    expect(&text, expected);
    free(expected);
    json_decref(value);
}

static json_t *nested(int levels)
{
    json_t *value = json_null();
    while (levels-- > 0)
        value = json_pack("[o]", value);
    return value;
}

static void a_value_that_is_missing_or_too_deep_is_told(void **state)
{
    (void)state;
    struct text text;
    json_t *deepest = nested(JSON_WRITER_DEPTH_MOST), *deeper = nested(JSON_WRITER_DEPTH_MOST + 1);
    assert_false(escape_json(begin(&text), NULL, NULL));
    buffer_finish(&text.out);
    assert_true(escape_json(begin(&text), NULL, deepest));
    buffer_finish(&text.out);
    assert_false(escape_json(begin(&text), NULL, deeper));
    buffer_finish(&text.out);
    json_decref(deepest);
    json_decref(deeper);
}

static void name_in_list(struct json_writer *json)
{
    json_writer_list(json, NULL);
    json_writer_null(json, "name");
}

static void no_name_in_object(struct json_writer *json)
{
    json_writer_object(json, NULL);
    json_writer_null(json, NULL);
}

static void two_values(struct json_writer *json)
{
    json_writer_null(json, NULL);
    json_writer_null(json, NULL);
}

static void end_without_beginning(struct json_writer *json)
{
    json_writer_end(json);
}

static void what_would_be_no_json_ends_the_process(void **state)
{
    (void)state;
    void (*const wrong[])(struct json_writer *) = {name_in_list, no_name_in_object, two_values,
                                                   end_without_beginning};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int status;
        pid_t child = fork();
        if (child == 0) {
            struct text text;
            signal(SIGABRT, SIG_DFL);
            fclose(stderr);
            wrong[i](begin(&text));
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_and_items_have_their_commas),
        cmocka_unit_test(every_byte_is_written_so_that_it_reads_as_itself),
        cmocka_unit_test(utf8_stays_and_other_bytes_are_escaped),
        cmocka_unit_test(jsonb_loses_the_blanks_between_its_parts_only),
        cmocka_unit_test(a_value_is_written_as_jansson_writes_it),
        cmocka_unit_test(a_value_that_is_missing_or_too_deep_is_told),
        cmocka_unit_test(what_would_be_no_json_ends_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
