/* Ids are UUIDs that sort by their time of creation and cannot be guessed. */
#include "base/id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

static int64_t milliseconds_of(const struct id *id)
{
    int64_t ms = 0;
    for (int i = 0; i < 6; i++)
        ms = ms << 8 | id->bytes[i];
    return ms;
}

/* RFC 9562 section 5.7: 48 bits of Unix milliseconds, version 7, variant 10. */
static void a_new_id_says_when_it_was_made(void **state)
{
    (void)state;
    struct id id;
    int64_t before_ms = clock_now_us() / 1000;
    id_make(&id);
    int64_t after_ms = clock_now_us() / 1000;
    assert_in_range(milliseconds_of(&id), before_ms, after_ms);
    assert_int_equal(id.bytes[6] >> 4, 7);
    assert_int_equal(id.bytes[8] >> 6, 2);
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct id));
}

static void ids_never_repeat(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    struct id *ids = calloc(COUNT, sizeof *ids);
    for (size_t i = 0; i < COUNT; i++)
        id_make(&ids[i]);
    qsort(ids, COUNT, sizeof *ids, compare);
    for (size_t i = 1; i < COUNT; i++)
        assert_false(id_equal(&ids[i - 1], &ids[i]));
    free(ids);
}

static void a_later_id_sorts_behind(void **state)
{
    (void)state;
    struct id earlier, later;
    id_make(&earlier);
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    id_make(&later);
    assert_true(memcmp(earlier.bytes, later.bytes, ID_BYTES) < 0);
}

/* RFC 9562 appendix A.6. */
static void text_is_that_of_rfc_9562(void **state)
{
    (void)state;
    static const struct id id = {{0x01, 0x7f, 0x22, 0xe2, 0x79, 0xb0, 0x7c, 0xc3, 0x98, 0xc4, 0xdc,
                                  0x0c, 0x0c, 0x07, 0x39, 0x8f}};
    struct id read;
    char text[ID_TEXT_BYTES];
    id_format(&id, text);
    assert_string_equal(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    assert_true(id_parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F", &read));
    assert_true(id_equal(&read, &id));
}

static void other_forms_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "017f22e2",
                                        "017f22e279b07cc398c4dc0c0c07398f",
                                        "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
                                        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
                                        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
                                        "017f22e2-79b0-7cc3-98c4_dc0c0c07398f",
                                        "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
                                        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f ",
                                        " 017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
                                        "017f22e27-9b0-7cc3-98c4-dc0c0c07398f"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct id id = {{42}};
        assert_false(id_parse(texts[i], &id));
        assert_int_equal(id.bytes[0], 42);
    }
}

static void the_same_hash_gives_the_same_id_of_version_8(void **state)
{
    (void)state;
    unsigned char hash[ID_BYTES];
    struct id a, b;
    memset(hash, 0xff, sizeof hash);
    id_from_hash(hash, &a);
    id_from_hash(hash, &b);
    assert_true(id_equal(&a, &b));
    assert_int_equal(a.bytes[6], 0x8f);
    assert_int_equal(a.bytes[8], 0xbf);
    hash[15] = 0;
    id_from_hash(hash, &b);
    assert_false(id_equal(&a, &b));
}

static void a_number_is_short_and_no_word(void **state)
{
    (void)state;
    struct id id;
    char number[ID_NUMBER_BYTES];
    assert_true(id_parse("018f2c5e-7a10-7cc3-8b1d-2f6a9c4e5b01", &id));
    id_number(&id, number);
    assert_string_equal(number, "4S5Q-923J"); /* docs/tickets.md, and the app at the door */
    id.bytes[15] = 0xff;
    id.bytes[0] = 0xff;
    id_number(&id, number);
    assert_string_equal(number, "4S5Q-923J");
    for (int i = 0; i < 100; i++) {
        id_make(&id);
        id_number(&id, number);
        assert_int_equal(strlen(number), 9);
        assert_int_equal(strcspn(number, "-"), 4);
        assert_null(strpbrk(number, "01AEILOU"));
    }
}

static void only_the_zero_id_is_zero(void **state)
{
    (void)state;
    struct id id = {{0}};
    assert_true(id_is_zero(&id));
    id.bytes[15] = 1;
    assert_false(id_is_zero(&id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_id_says_when_it_was_made),
        cmocka_unit_test(ids_never_repeat),
        cmocka_unit_test(a_later_id_sorts_behind),
        cmocka_unit_test(text_is_that_of_rfc_9562),
        cmocka_unit_test(other_forms_are_refused),
        cmocka_unit_test(the_same_hash_gives_the_same_id_of_version_8),
        cmocka_unit_test(a_number_is_short_and_no_word),
        cmocka_unit_test(only_the_zero_id_is_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
