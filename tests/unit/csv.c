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
    csv_begin(&csv, CSV_COMMA, &out);
    table_text(&csv.table, text, strlen(text));
    assert_string_equal(out.bytes + 3, expected);
    buffer_finish(&out);
}

/* Two rows with every sort of cell. */
static void expect_rows(enum csv_dialect dialect, const char *expected)
{
    struct buffer out;
    struct csv csv;
    struct table *table = &csv.table;
    buffer_init(&out);
    csv_begin(&csv, dialect, &out);
    table_text(table, "Name", 4);
    table_text(table, NULL, 0);
    table_text(table, "Jörg, Dr.", strlen("Jörg, Dr."));
    table_end_row(table);
    table_text(table, "a\"b", 3);
    table_number(table, "-5.50", 5);
    table_time(table, "2026-05-13 10:00:05.25", 22);
    table_time(table, "2026-05-13", 10);
    table_time(table, NULL, 0);
    table_text(table, "two\r\nlines", 10);
    table_end_row(table);
    assert_string_equal(out.bytes, expected);
    buffer_finish(&out);
}

static void rows_are_as_rfc_4180_has_them(void **state)
{
    (void)state;
    expect_rows(CSV_COMMA, "\xef\xbb\xbfName,,\"Jörg, Dr.\"\r\n"
                           "\"a\"\"b\",-5.50,2026-05-13 10:00:05,2026-05-13,,\"two\r\nlines\"\r\n");
}

static void excel_in_german_gets_its_own_dialect(void **state)
{
    (void)state;
    expect_rows(CSV_EXCEL_DE,
                "\xef\xbb\xbfName;;\"Jörg, Dr.\"\r\n"
                "\"a\"\"b\";-5,50;13.05.2026 10:00:05;13.05.2026;;\"two\r\nlines\"\r\n");
}

static void expect_number(const char *digits, const char *comma, const char *german)
{
    struct buffer out;
    buffer_init(&out);
    for (enum csv_dialect dialect = CSV_COMMA; dialect <= CSV_EXCEL_DE; dialect++) {
        struct csv csv;
        buffer_clear(&out);
        csv_begin(&csv, dialect, &out);
        table_number(&csv.table, digits, strlen(digits));
        assert_string_equal(out.bytes + 3, dialect == CSV_COMMA ? comma : german);
    }
    buffer_finish(&out);
}

static void numbers_have_the_decimal_sign_of_the_dialect_and_are_no_thousands(void **state)
{
    (void)state;
    expect_number("12.5", "12.5", "12,5");
    expect_number("1.234", "1.2340", "1,2340");
    expect_number("-999.125", "-999.1250", "-999,1250");
    expect_number("0.125", "0.125", "0,125");
    expect_number("1234.125", "1234.125", "1234,125");
    expect_number("1000", "1000", "1000");
    expect_number("", "", "");
}

static void ordinary_text_is_left_alone(void **state)
{
    (void)state;
    static const char *const texts[] = {"a",
                                        "Zoë O'Neil-Smith",
                                        "a=b",
                                        "1+1",
                                        "a@b.example",
                                        "'quoted'",
                                        " ",
                                        "李明",
                                        "！",
                                        "+49 341 1234",
                                        "+49 (0)341/12.34-5",
                                        "+1-800-555-0100",
                                        "+49 341 1234 ext. 12",
                                        "(+49) 341",
                                        "-",
                                        "--",
                                        "–",
                                        "—",
                                        "+",
                                        "-5",

                                        "-0.25"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_cell(texts[i], texts[i]);
}

static void no_cell_is_run_as_a_formula(void **state)
{
    (void)state;
    expect_cell("=1+1", "\"'=1+1\"");
    expect_cell("=HYPERLINK(\"http://x\";\"y\")", "\"'=HYPERLINK(\"\"http://x\"\";\"\"y\"\")\"");
    expect_cell("+49 341 A1", "\"'+49 341 A1\"");
    expect_cell("+49 ext. 1+A1", "\"'+49 ext. 1+A1\"");
    expect_cell("+49*2", "\"'+49*2\"");
    expect_cell("++49", "\"'++49\"");
    expect_cell("+()", "\"'+()\"");
    expect_cell("-2+3", "\"'-2+3\"");
    expect_cell("-5-3", "\"'-5-3\"");
    expect_cell("-5x", "\"'-5x\"");
    expect_cell("-1,5,A1", "\"'-1,5,A1\"");
    expect_cell("- none", "\"'- none\"");
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

static void a_text_comes_back_from_its_cell(void **state)
{
    (void)state;
    static const char *const texts[] = {"=1+1", "'=1+1", "''+49 341", "+49 341", "-",   "'-",
                                        "'tis", "'",     "@a",        "＝1",     "' @a"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct buffer out;
        struct csv csv;
        buffer_init(&out);
        csv_begin(&csv, CSV_COMMA, &out);
        table_text(&csv.table, texts[i], strlen(texts[i]));
        char *cell = out.bytes + 3;
        if (*cell == '"') {
            out.bytes[out.length - 1] = '\0';
            cell++;
        }
        assert_string_equal(csv_bare(cell), texts[i]);
        buffer_finish(&out);
    }
    assert_string_equal(csv_bare("'+49 341"), "+49 341"); /* as others write it */
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
        cmocka_unit_test(excel_in_german_gets_its_own_dialect),
        cmocka_unit_test(numbers_have_the_decimal_sign_of_the_dialect_and_are_no_thousands),
        cmocka_unit_test(ordinary_text_is_left_alone),
        cmocka_unit_test(no_cell_is_run_as_a_formula),
        cmocka_unit_test(a_text_comes_back_from_its_cell),
        cmocka_unit_test(a_cell_cannot_begin_another_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
