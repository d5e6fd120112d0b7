/* Text from people: stored text is clean, and texts that look the same have the same search key. */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static int set_up(void **state)
{
    struct arena *arena = calloc(1, sizeof *arena);
    arena_init(arena);
    *state = arena;
    return 0;
}

static int tear_down(void **state)
{
    arena_finish(*state);
    free(*state);
    return 0;
}

/* RFC 3629 sections 3 and 10. */
static void only_utf8_is_utf8(void **state)
{
    (void)state;
    static const char *const good[] = {"", "abc", "Grüße", "東京", "😀", "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\x80",         "\xc0\x80",         "\xc1\xbf",
                                      "\xe0\x80\x80", "\xed\xa0\x80",     "\xf0\x80\x80\x80",
                                      "\xff",         "\xf4\x90\x80\x80", "ab\xc3"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(text_is_utf8(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(text_is_utf8(bad[i], strlen(bad[i])));
    assert_false(text_is_utf8("ü", 1));
}

static void length_counts_code_points(void **state)
{
    (void)state;
    assert_int_equal(text_length(""), 0);
    assert_int_equal(text_length("Grüße"), 5);
    assert_int_equal(text_length("東京😀"), 3);
}

static void control_characters_and_disguises_are_seen(void **state)
{
    (void)state;
    static const char *const seen[] = {"a\x01",
                                       "\x7f",
                                       "a\xc2\x85"
                                       "b",
                                       "evil\u202egnp",
                                       "\u2066x",
                                       "\u2028",
                                       "a\xff",
                                       "\xc3"};
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
        assert_true(text_has_control(seen[i], false));
        assert_true(text_has_control(seen[i], true));
    }
    assert_false(text_has_control("", false));
    assert_false(text_has_control("Zoë O’Brien محمد 東京 👩‍🔬", false));
}

static void lines_and_tabs_pass_where_they_are_allowed(void **state)
{
    (void)state;
    assert_false(text_has_control("two\r\nlines\tand a tab", true));
    assert_true(text_has_control("two\nlines", false));
    assert_true(text_has_control("a\ttab", false));
}

static void clean_text_is_trimmed_and_composed(void **state)
{
    assert_string_equal(text_clean(*state, " \t Ada Lovelace\u00a0\u3000\n"), "Ada Lovelace");
    assert_string_equal(text_clean(*state, "Zoe\u0308"), "Zoë");
    assert_string_equal(text_clean(*state, "\u212b"), "Å");
    assert_string_equal(text_clean(*state, "ﬁ"), "ﬁ");
    assert_string_equal(text_clean(*state, ""), "");
    assert_string_equal(text_clean(*state, " \u2003 "), "");
    assert_null(text_clean(*state, "a\xff"));
}

static void folded_text_is_found_without_accents_and_case(void **state)
{
    static const char *const same[][2] = {
        {"MÜLLER", "muller"}, {"Straße", "STRASSE"},    {"Zoë", "zoe"},         {"ﬁne", "FINE"},
        {"Ｆｕｌｌ", "full"}, {"Ångström", "angstrom"}, {"Σίσυφος", "σισυφοσ"}, {"Ёлка", "елка"},
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_string_equal(text_fold(*state, same[i][0]), text_fold(*state, same[i][1]));
    assert_string_equal(text_fold(*state, "MÜLLER"), "muller");
    assert_string_equal(text_fold(*state, ""), "");
    assert_string_not_equal(text_fold(*state, "Ada"), text_fold(*state, "Ade"));
}

static void slugs_are_lower_case_letters_digits_and_hyphens(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "-a", "a-", "-", "A", "a_b", "a b", "ä", "a/b", "a.b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(text_is_slug(bad[i], 64));
    assert_true(text_is_slug("a", 1));
    assert_true(text_is_slug("bionection-2022", 15));
    assert_false(text_is_slug("bionection-2022", 14));
}

static void numbers_are_whole_and_within_their_bounds(void **state)
{
    (void)state;
    static const char *const bad[] = {"",    "-",    "+5",   " 5",  "5 ",  "5.0",
                                      "5e1", "0x10", "five", "--5", "- 5", "99999999999999999999",
                                      "11",  "-1"};
    long number = 77;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(text_parse_number(bad[i], 0, 10, &number));
    assert_int_equal(number, 77);
    assert_true(text_parse_number("10", 0, 10, &number));
    assert_int_equal(number, 10);
    assert_true(text_parse_number("007", 0, 10, &number));
    assert_int_equal(number, 7);
    assert_true(text_parse_number("-5", -5, 10, &number));
    assert_int_equal(number, -5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_utf8_is_utf8),
        cmocka_unit_test(length_counts_code_points),
        cmocka_unit_test(control_characters_and_disguises_are_seen),
        cmocka_unit_test(lines_and_tabs_pass_where_they_are_allowed),
        cmocka_unit_test_setup_teardown(clean_text_is_trimmed_and_composed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(folded_text_is_found_without_accents_and_case, set_up,
                                        tear_down),
        cmocka_unit_test(slugs_are_lower_case_letters_digits_and_hyphens),
        cmocka_unit_test(numbers_are_whole_and_within_their_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
