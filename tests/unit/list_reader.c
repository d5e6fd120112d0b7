/* Lists of people as spreadsheets write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "form/list_reader.h"

static struct list_source source_of(const char *bytes, size_t length)
{
    return (struct list_source){.bytes = bytes,
                                .length = length,
                                .encoding = list_encoding_guess(bytes, length),
                                .is_whole = true,
                                .is_start = true};
}

/* Appends "LINE:cell|cell;" for each record. A "!" follows one that passes a limit. */
static void read_all(struct list_reader *reader, struct buffer *out)
{
    while (list_reader_next(reader)) {
        if (reader->is_blank)
            continue;
        buffer_printf(out, "%d:", (int)reader->record_line);
        for (size_t i = 0; i < reader->cell_count; i++)
            buffer_printf(out, "%s%s", i > 0 ? "|" : "", reader->cells[i]);
        buffer_add_text(out, reader->is_large ? "!;" : ";");
    }
}

static void expect_bytes(const char *bytes, size_t length, const char *expected)
{
    struct list_source source = source_of(bytes, length);
    struct list_reader reader;
    struct buffer out;
    buffer_init(&out);
    source.separator = list_separator_guess(&source);
    list_reader_init(&reader, &source, 1, true);
    read_all(&reader, &out);
    assert_string_equal(buffer_text(&out), expected);
    list_reader_finish(&reader);
    buffer_finish(&out);
}

static void expect(const char *text, const char *expected)
{
    expect_bytes(text, strlen(text), expected);
}

static void separators_are_guessed(void **state)
{
    (void)state;
    expect("name,email\r\nAda,ada@x.org\r\n", "1:name|email;2:Ada|ada@x.org;");
    expect("name;note\nAda;a, b, c\nBen;d\n", "1:name|note;2:Ada|a, b, c;3:Ben|d;");
    expect("Ada\tada@x.org\nBen\tben@x.org", "1:Ada|ada@x.org;2:Ben|ben@x.org;");
    expect("sep=;\r\na;b,c\r\n", "2:a|b,c;");
    expect("\xef\xbb\xbfSEP=,\na;b,c\n", "2:a;b|c;");
    expect("Ada\nBen\n", "1:Ada;2:Ben;");
    expect("", "");
}

static void quotes_hold_separators_breaks_and_quotes(void **state)
{
    (void)state;
    expect("a,b\n\"x, y\",\"he said \"\"hi\"\"\"\n\"two\r\nlines\",z\nlast,1\n",
           "1:a|b;2:x, y|he said \"hi\";3:two\nlines|z;5:last|1;");
    expect("a,b\n5\" disk,\"\"\n", "1:a|b;2:5\" disk|;");
    expect("a,\"b\"c\n", "1:a|bc;");
    expect("a,\"no end\nb,c\nd,e\n", "1:a|\"no end;2:b|c;3:d|e;");
}

static void lines_may_be_ragged_or_empty(void **state)
{
    (void)state;
    expect("a,b,c\n\n ,,\n1\n1,2,3,4\n\r\n", "1:a|b|c;4:1;5:1|2|3|4;");
    expect("a,b\rc,d\r", "1:a|b;2:c|d;");
}

static void encodings_are_guessed(void **state)
{
    static const char wide[] = "\xff\xfe"
                               "a\0;\0\xfc\0\n\0\x3d\xd8\x00\xde;\0b\0";
    static const char bare[] = "J\0\xf6\0r\0g\0\t\0a\0@\0b\0";
    static const char big[] = "\0J\0\xf6\0r\0g\0\t\0a\0@\0b";
    (void)state;
    expect("J\xc3\xb6rg,a\n", "1:Jörg|a;");
    expect("J\xf6rg,\x80\n", "1:Jörg|€;");
    expect_bytes(wide, sizeof wide - 1, "1:a|ü;2:😀|b;");
    expect_bytes(bare, sizeof bare - 1, "1:Jörg|a@b;");
    expect_bytes(big, sizeof big - 1, "1:Jörg|a@b;");
    assert_int_equal(list_encoding_guess(wide, 2), LIST_UTF_16_LE);
    assert_int_equal(list_encoding_guess("abc", 3), LIST_UTF_8);
    assert_int_equal(list_encoding_guess("\xe4", 1), LIST_WINDOWS_1252);
}

/* Reads a text in pieces of `most` bytes, each from where the records of the one before ended. */
static void read_pieces(const char *text, size_t most, struct buffer *out)
{
    size_t length = strlen(text), at = 0;
    int64_t line = 1;
    while (at < length) {
        size_t rest = length - at;
        struct list_source source = {.bytes = text + at,
                                     .length = rest < most ? rest : most,
                                     .separator = ',',
                                     .is_whole = rest <= most,
                                     .is_start = at == 0};
        struct list_reader reader;
        list_reader_init(&reader, &source, line, true);
        read_all(&reader, out);
        at += reader.at;
        line = reader.line;
        assert_true(reader.at > 0);
        list_reader_finish(&reader);
    }
}

static void pieces_give_the_same_as_the_whole(void **state)
{
    static const char text[] = "name,note\r\nJörg,\"a\r\n\"\"b\"\"\"\r\n\r\nAda,€\nBen,\"x\"\n";
    struct buffer out;
    (void)state;
    for (size_t most = 20; most < sizeof text; most++) {
        buffer_init(&out);
        read_pieces(text, most, &out);
        assert_string_equal(buffer_text(&out), "1:name|note;2:Jörg|a\n\"b\";5:Ada|€;6:Ben|x;");
        buffer_finish(&out);
    }
}

static void limits_hold_and_reading_goes_on(void **state)
{
    size_t length = 3 * LIST_LINE_MOST_BYTES;
    char *text = memory_alloc(length + 20);
    struct list_reader reader;
    (void)state;
    for (int quoted = 0; quoted < 2; quoted++) {
        memset(text, 'x', length);
        text[0] = quoted ? '"' : 'x';
        memcpy(text + length, "\nAda,1\n", 8);
        struct list_source source = source_of(text, strlen(text));
        source.separator = ',';
        bool has_ada = false;
        list_reader_init(&reader, &source, 1, true);
        while (list_reader_next(&reader)) {
            assert_true(reader.text.length <= LIST_LINE_MOST_BYTES + LIST_CELL_MOST_BYTES);
            has_ada |= strcmp(reader.cells[0], "Ada") == 0 && !reader.is_large;
        }
        assert_true(has_ada);
        list_reader_finish(&reader);
    }
    free(text);
    struct buffer commas;
    buffer_init(&commas);
    for (int i = 0; i < 1000; i++)
        buffer_add_char(&commas, ',');
    buffer_add_text(&commas, "\nAda\n");
    struct list_source wide = source_of(buffer_text(&commas), commas.length);
    wide.separator = ',';
    list_reader_init(&reader, &wide, 1, true);
    assert_true(list_reader_next(&reader) && reader.is_large);
    assert_int_equal(reader.cell_count, LIST_COLUMNS_MOST);
    assert_true(list_reader_next(&reader));
    assert_string_equal(reader.cells[0], "Ada");
    list_reader_finish(&reader);
    buffer_finish(&commas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(separators_are_guessed),
        cmocka_unit_test(quotes_hold_separators_breaks_and_quotes),
        cmocka_unit_test(lines_may_be_ragged_or_empty),
        cmocka_unit_test(encodings_are_guessed),
        cmocka_unit_test(pieces_give_the_same_as_the_whole),
        cmocka_unit_test(limits_hold_and_reading_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
