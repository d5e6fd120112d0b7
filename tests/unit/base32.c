/* Base32: reads the output of other programs, and two texts never decode to the same bytes. */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* RFC 4648, section 10, without the padding. */
static const struct vector {
    const char *bytes, *text;
} vectors[] = {
    {"", ""},
    {"f", "MY"},
    {"fo", "MZXQ"},
    {"foo", "MZXW6"},
    {"foob", "MZXW6YQ"},
    {"fooba", "MZXW6YTB"},
    {"foobar", "MZXW6YTBOI"},
};

enum { VECTORS = sizeof vectors / sizeof *vectors, SPACE = 64 };

static void decodes_to(const char *text, const char *expected)
{
    unsigned char bytes[SPACE];
    size_t length = SPACE;
    assert_true(base32_decode(text, bytes, sizeof bytes, &length));
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(bytes, expected, length);
}

static bool is_refused(const char *text)
{
    unsigned char bytes[SPACE];
    size_t length = 77;
    bool refused = !base32_decode(text, bytes, sizeof bytes, &length);
    return refused && length == 77;
}

static void writes_the_vectors_of_rfc_4648(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        struct buffer text;
        buffer_init(&text);
        buffer_add_text(&text, "before ");
        base32_encode((const unsigned char *)vectors[i].bytes, strlen(vectors[i].bytes), &text);
        assert_memory_equal(text.bytes, "before ", 7);
        assert_string_equal(text.bytes + 7, vectors[i].text);
        assert_int_equal(text.length, 7 + strlen(vectors[i].text));
        buffer_finish(&text);
    }
}

static void reads_the_vectors_of_rfc_4648(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++)
        decodes_to(vectors[i].text, vectors[i].bytes);
}

static void ignores_case_and_white_space(void **state)
{
    (void)state;
    decodes_to(" mzXw\t6y\r\nTB oi\v\f\n", "foobar");
}

static void refuses_other_characters(void **state)
{
    (void)state;
    static const char *const texts[] = {"MZXW6YQ=", "MZ0W6YTB",        "MZ1W6YTB", "MZ8W6YTB",
                                        "MZ-W6YTB", "MZXW6YT\xc2\xa0", "MZ@W6YTB", "MZ[W6YTB"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_true(is_refused(texts[i]));
}

static void refuses_lengths_that_no_bytes_have(void **state)
{
    (void)state;
    assert_true(is_refused("A"));
    assert_true(is_refused("AAA"));
    assert_true(is_refused("AAAAAA"));
    assert_true(is_refused("MZXW6YTBA"));
}

static void refuses_bits_left_over_that_are_not_zero(void **state)
{
    (void)state;
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    int taken = 0;
    for (const char *last = alphabet; *last; last++) {
        char text[] = {'M', *last, '\0'};
        taken += !is_refused(text);
    }
    assert_int_equal(taken, 8); /* two bits are left over: one text in four */
}

static void refuses_what_does_not_fit(void **state)
{
    (void)state;
    unsigned char bytes[6] = {0, 0, 0, 0, 0, 0xa5};
    size_t length;
    assert_true(base32_decode("MZXW6YTB", bytes, 5, &length));
    assert_false(base32_decode("MZXW6YTBOI", bytes, 5, &length));
    assert_int_equal(bytes[5], 0xa5);
}

static void gives_back_every_byte_at_every_length(void **state)
{
    (void)state;
    unsigned char bytes[SPACE], again[SPACE];
    for (size_t i = 0; i < SPACE; i++)
        bytes[i] = (unsigned char)(i * 151 + 7);
    for (size_t length = 0; length <= SPACE; length++) {
        struct buffer text;
        size_t read = 0;
        buffer_init(&text);
        base32_encode(bytes, length, &text);
        assert_true(base32_decode(buffer_text(&text), again, sizeof again, &read));
        assert_int_equal(read, length);
        assert_memory_equal(again, bytes, length);
        buffer_finish(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_vectors_of_rfc_4648),
        cmocka_unit_test(reads_the_vectors_of_rfc_4648),
        cmocka_unit_test(ignores_case_and_white_space),
        cmocka_unit_test(refuses_other_characters),
        cmocka_unit_test(refuses_lengths_that_no_bytes_have),
        cmocka_unit_test(refuses_bits_left_over_that_are_not_zero),
        cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(gives_back_every_byte_at_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
