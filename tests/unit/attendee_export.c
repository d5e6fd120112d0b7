/* Exports read the database row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "features/attendee/json_walk.h"
#include "features/attendee/row.h"
#include "statements.h"

/* "key=value|…": texts decoded, lists as [a,b]. */
static void describe(struct json_walk walk, struct buffer *out)
{
    struct json_piece key, value, item;
    while (json_walk_member(&walk, &key, &value)) {
        json_piece_decode(&key, out);
        buffer_add_char(out, '=');
        if (value.kind == JSON_KIND_LIST) {
            struct json_walk items = json_walk_piece(&value);
            buffer_add_char(out, '[');
            while (json_walk_item(&items, &item)) {
                json_piece_decode(&item, out);
                buffer_add_char(out, ',');
            }
            buffer_add_char(out, ']');
        } else if (value.kind == JSON_KIND_OBJECT) {
            buffer_add_char(out, '{');
            describe(json_walk_piece(&value), out);
            buffer_add_char(out, '}');
        } else {
            json_piece_decode(&value, out);
        }
        buffer_add_char(out, '|');
    }
}

static void expect(const char *json, const char *expected)
{
    struct buffer out;
    buffer_init(&out);
    describe(json_walk_text(json, strlen(json)), &out);
    assert_string_equal(buffer_text(&out), expected);
    buffer_finish(&out);
}

static void reads_answers_as_the_database_writes_them(void **state)
{
    (void)state;
    expect("{}", "");
    expect("{\"a\": \"\"}", "a=|");
    expect("{\"a\": \"x\", \"b\": true, \"c\": -3.50, \"d\": null}", "a=x|b=true|c=-3.50|d=null|");
    expect("{\"a\": [\"x, y\", \"]\", \"}\"], \"b\": []}", "a=[x, y,],},]|b=[]|");
    expect("{\"a\": {\"b\": [\"c\"], \"d\": \"}\"}, \"e\": 1}", "a={b=[c,]|d=}|}|e=1|");
    expect("{\"a\": \"ü李🎟️\"}", "a=ü李🎟️|");
}

static void resolves_every_escape(void **state)
{
    (void)state;
    expect("{\"a\": \"\\\"q\\\" \\\\ \\/ \\b\\f\\n\\r\\t\"}", "a=\"q\" \\ / \b\f\n\r\t|");
    expect("{\"a\": \"\\u0001\\u007f\\u00fc\\u674e\"}", "a=\x01\x7f\xc3\xbc\xe6\x9d\x8e|");
    expect("{\"a\": \"\\\\\", \"b\": \"\\\"\"}", "a=\\|b=\"|");
}

static void never_reads_past_the_end(void **state)
{
    static const char whole[] =
        "{\"a\": \"x\\\"y\\u00fc\", \"b\": [\"c\", {\"d\": -1}], \"e\": true}";
    (void)state;
    for (size_t length = 0; length < sizeof whole; length++) {
        char *exact = malloc(length + 1); /* the sanitizer reports reading one byte more */
        struct buffer out;
        memcpy(exact, whole, length);
        exact = realloc(exact, length ? length : 1);
        buffer_init(&out);
        describe(json_walk_text(exact, length), &out);
        assert_true(out.length <= 2 * length);
        buffer_finish(&out);
        free(exact);
    }
}

static void has_the_columns_of(const char *name, int count)
{
    const struct statement *const *at = all_statements;
    while (*at && strcmp((*at)->name, name) != 0)
        at++;
    const struct statement *statement = *at;
    assert_non_null(statement);
    assert_true(statement->column_count >= count);
    for (int i = 0; i < count; i++)
        assert_string_equal(statement->columns[i].name, row_column_names[i]);
}

static void all_statements_give_the_columns_a_row_reads(void **state)
{
    (void)state;
    has_the_columns_of("attendee/list", ROW_COLUMNS);
    has_the_columns_of("attendee/guests", ROW_INSIDE + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_answers_as_the_database_writes_them),
        cmocka_unit_test(resolves_every_escape),
        cmocka_unit_test(never_reads_past_the_end),
        cmocka_unit_test(all_statements_give_the_columns_a_row_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
