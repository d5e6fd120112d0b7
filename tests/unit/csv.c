#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "view/csv.h"

static void expect_cell(const char *text, const char *expected)
{
    struct buffer out;
    struct csv csv;
    buffer_init(&out);
    csv_begin(&csv, &out);
    csv_text(&csv, text);
    assert_string_equal(out.bytes + 3, expected);
    buffer_finish(&out);
}

static void rows_are_as_rfc_4180_has_them(void **state)
{
    (void)state;
    struct buffer out;
    struct csv csv;
    buffer_init(&out);
    csv_begin(&csv, &out);
    csv_text(&csv, "Name");
    csv_text(&csv, NULL);
    csv_text(&csv, "Jörg, Dr.");
    csv_end_row(&csv);
    csv_text(&csv, "");
    csv_number(&csv, -5);
    csv_text(&csv, "so \"called\"");
    csv_text(&csv, "two\r\nlines");
    csv_end_row(&csv);
    assert_string_equal(out.bytes, "\xef\xbb\xbfName,,\"Jörg, Dr.\"\r\n"
                                   ",-5,\"so \"\"called\"\"\",\"two\r\nlines\"\r\n");
    buffer_finish(&out);
}

static void ordinary_text_is_left_alone(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "a", "Zoë O'Neil-Smith", "a=b", "1+1", "a@b.example", "'quoted'", " ", "李明", "！"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_cell(texts[i], texts[i]);
}

static void no_cell_is_run_as_a_formula(void **state)
{
    (void)state;
    expect_cell("=1+1", "\"'=1+1\"");
    expect_cell("=HYPERLINK(\"http://x\";\"y\")", "\"'=HYPERLINK(\"\"http://x\"\";\"\"y\"\")\"");
    expect_cell("+49 341 1234", "\"'+49 341 1234\"");
    expect_cell("-5", "\"'-5\"");
    expect_cell("@SUM(A1)", "\"'@SUM(A1)\"");
    expect_cell("\t=1", "\"'\t=1\"");
    expect_cell("\r=1", "\"'\r=1\"");
    expect_cell("\n=1", "\"'\n=1\"");
    expect_cell("  =1", "\"'  =1\"");
    expect_cell("＝1", "\"'＝1\"");
    expect_cell("＋1", "\"'＋1\"");
    expect_cell("－1", "\"'－1\"");
    expect_cell("＠1", "\"'＠1\"");
}

static void a_cell_cannot_begin_another_one(void **state)
{
    (void)state;
    expect_cell("a\",=1", "\"a\"\",=1\"");
    expect_cell("a;=1", "\"a;=1\"");
    expect_cell("a\n=1", "\"a\n=1\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_as_rfc_4180_has_them),
        cmocka_unit_test(ordinary_text_is_left_alone),
        cmocka_unit_test(no_cell_is_run_as_a_formula),
        cmocka_unit_test(a_cell_cannot_begin_another_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
