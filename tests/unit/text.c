/* Text from people: stored text is clean, and texts that look the same have the same search key. */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>

#include "base/search.h"

static const char *project; /* its folder */

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
    assert_string_equal(text_clean(*state, "Ada \U000e0041"), "Ada");
    assert_string_equal(text_clean_lines(*state, "Ada\n\U000e0041"), "Ada");
    assert_null(text_clean(*state, "a\xff"));
}

static void what_comes_along_with_copied_text_goes(void **state)
{
    static const char *const line[][2] = {
        {"\ufeffAda", "Ada"},
        {"\u202aAda\u202c", "Ada"},
        {"\u2066Ada\u2069 Lovelace", "Ada Lovelace"},
        {"\u202eAda", "Ada"},
        {"Ada\u00a0Lovelace", "Ada Lovelace"},
        {"Ada\u2009\t Lovelace", "Ada Lovelace"},
        {"Ada\vLovelace\r\nByron", "Ada Lovelace Byron"},
        {"Donau\u00addampf\u200bschiff\u2060fahrt", "Donaudampfschifffahrt"},
        {"Ada\u200d \u200cLovelace\u200d", "Ada Lovelace"},
        {"Ada\u200e Lovelace", "Ada Lovelace"},
        {"Ada\u3164Lovelace", "Ada Lovelace"},
        {"\u3164\u2800\u115f", ""},
        /* These stay as they are. */
        {"Müller–Lüdenscheid", "Müller–Lüdenscheid"},
        {"O’Brien", "O’Brien"},
        {"می\u200cخواهم", "می\u200cخواهم"},
        {"क्\u200dष", "क्\u200dष"},
        {"👩🏽\u200d🔬", "👩🏽\u200d🔬"},
        {"❤\ufe0f", "❤\ufe0f"},
        {"🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f"},
        {"אדה\u200f 5", "אדה\u200f 5"},
        {"evil\u202egnp.exe", "evil\u202egnp.exe"},
    };
    for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
        const char *clean = text_clean(*state, line[i][0]);
        if (strcmp(clean, line[i][1]) != 0)
            fail_msg("\"%s\" (%zu) is cleaned to \"%s\"", line[i][0], i, clean);
    }
    assert_string_equal(text_clean_lines(*state, "\ufeff one\r\n\r\n\ttwo  words\vthree\u2028 "),
                        "one\r\n\r\n\ttwo  words\nthree");
    assert_string_equal(text_clean_lines(*state, "10\u00a0€, Donau\u00addampf"),
                        "10\u00a0€, Donau\u00addampf");
    assert_string_equal(text_clean_lines(*state, "a\u200bb ไทย\u200bไทย"), "ab ไทย\u200bไทย");
}

static void what_shows_nothing_is_not_visible(void **state)
{
    (void)state;
    static const char *const nothing[] = {
        "", " ", "\u3164", "\u2800", "\u200b\u200d", "\u115f\u1160"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        assert_false(text_is_visible(nothing[i]));
    assert_true(text_is_visible("⠁"));
    assert_true(text_is_visible("김"));
    assert_true(text_is_visible("."));
}

/* tests/harness/lists/searches.json, which also holds the phone's reader */
static json_t *load_searches(void)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/harness/lists/searches.json", project);
    json_t *searches = json_load_file(path, 0, NULL);
    assert_non_null(searches);
    return searches;
}

static const char *text_at(const json_t *pair, size_t i)
{
    return json_string_value(json_array_get(pair, i));
}

static void folded_text_is_found_without_accents_and_case(void **state)
{
    json_t *searches = load_searches(), *pair;
    size_t i;
    assert_true(json_array_size(json_object_get(searches, "folded")) > 0);
    json_array_foreach (json_object_get(searches, "folded"), i, pair)
        assert_string_equal(text_fold(*state, text_at(pair, 0)), text_at(pair, 1));
    json_decref(searches);
    assert_string_not_equal(text_fold(*state, "Ada"), text_fold(*state, "Ade"));
}

static void searches_are_words_or_a_number(void **state)
{
    json_t *searches = load_searches(), *pair;
    size_t i;
    json_array_foreach (json_object_get(searches, "words"), i, pair) {
        const char *words[4];
        size_t count = search_words(*state, text_at(pair, 0), 4, words);
        const json_t *expected = json_array_get(pair, 1);
        assert_int_equal(count, json_array_size(expected));
        for (size_t word = 0; word < count; word++)
            assert_string_equal(words[word], text_at(expected, word));
    }
    json_array_foreach (json_object_get(searches, "numbers"), i, pair) {
        const char *number = search_number(*state, text_at(pair, 0)), *expected = text_at(pair, 1);
        assert_int_equal(number == NULL, expected == NULL);
        if (number)
            assert_string_equal(number, expected);
    }
    json_decref(searches);
}

static bool finds(struct arena *arena, const char *query, const char *name)
{
    const char *words[4],
        *text = search_text(arena, arena_printf(arena, "%s\nx@example.org", name));
    size_t count = search_words(arena, query, 4, words);
    assert_in_range(count, 1, 4);
    for (size_t i = 0; i < count; i++) {
        if (!strstr(text, words[i]))
            return false;
    }
    return true;
}

static void names_are_found_as_people_hear_them(void **state)
{
    static const char *const found[][2] = {
        {"mueller", "Jörg Müller"},
        {"müller", "Jörg Mueller"},
        {"muller", "Jörg Müller"},
        {"joerg", "Jörg Müller"},
        {"muller", "Mueller"},
        {"MÜLLER", "Muller"},
        {"lukasz", "Łukasz"},
        {"oystein", "Øystein"},
        {"o'brien", "O’Brien"},
        {"o’brien", "O'Brien"},
        {"schmidt, anna", "Anna Schmidt"},
        {"anna lena", "Anna-Lena"},
        {"samuel", "Samuel"},
        {"gross", "Groß"},
        {"x@example.org", "Müller"},
    };
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
        if (!finds(*state, found[i][0], found[i][1]))
            fail_msg("%s does not find %s", found[i][0], found[i][1]);
    }
    assert_false(finds(*state, "mueller", "Moller"));
    assert_false(finds(*state, "ada", "Anna Schmidt"));
    assert_string_equal(search_text(*state, "Ada\nMüller"), "ada\nmuller");
    assert_string_equal(search_pattern(*state, "5%_\\"), "%5\\%\\_\\\\%");
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

/* Functions have a short way for ASCII. A letter beside it sends the same text on the long way. */
static void ascii_is_treated_as_any_other_text(void **state)
{
    enum { TEXTS = 3000, MOST = 12 };
    struct arena *arena = *state;
    uint32_t random = 1;
    for (int i = 0; i < TEXTS; i++) {
        static const char likely[] = " \t\n\r\v\f`'AZaz\x01\x7f";
        char text[MOST + 3] = "a";
        size_t length = 1;
        for (random = random * 1664525 + 1013904223; length <= random >> 28 && length < MOST;) {
            random = random * 1664525 + 1013904223;
            bool is_likely = random >> 31;
            text[length++] = is_likely ? likely[(random >> 16) % (sizeof likely - 1)]
                                       : (char)(1 + (random >> 16) % 127);
        }
        text[length++] = 'b';
        const char *longer = arena_printf(arena, "é%sé", text);
        assert_true(text_is_ascii(text, length) && !text_is_ascii(longer, length + 4));
        assert_int_equal(text_length(longer), text_length(text) + 2);
        assert_string_equal(text_clean(arena, longer),
                            arena_printf(arena, "é%sé", text_clean(arena, text)));
        assert_string_equal(text_clean_lines(arena, longer),
                            arena_printf(arena, "é%sé", text_clean_lines(arena, text)));
        assert_string_equal(text_fold(arena, longer),
                            arena_printf(arena, "e%se", text_fold(arena, text)));
        assert_string_equal(text_fold_german(arena, longer),
                            arena_printf(arena, "e%se", text_fold_german(arena, text)));
    }
    assert_string_equal(text_clean(arena, " \x01\v a  b\f\x7f"), "a b");
    assert_string_equal(text_clean_lines(arena, "\n a  b\v\tc\f"), "a  b\n\tc");
    assert_string_equal(text_clean(arena, " \t "), "");
    assert_false(text_is_ascii("12345678\x80", 9) || text_is_ascii("1234567\x80", 8));
}

static void numbers_are_written_as_snprintf_writes_them(void **state)
{
    (void)state;
    static const int64_t numbers[] = {0, 7, -7, 10, 1234567890, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char text[TEXT_NUMBER_BYTES], expected[TEXT_NUMBER_BYTES];
        snprintf(expected, sizeof expected, "%lld", (long long)numbers[i]);
        assert_int_equal(text_format_number(numbers[i], text), strlen(expected));
        assert_string_equal(text, expected);
    }
}

int main(int argc, char **argv)
{
    project = argc > 1 ? argv[1] : ".";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_utf8_is_utf8),
        cmocka_unit_test(length_counts_code_points),
        cmocka_unit_test(control_characters_and_disguises_are_seen),
        cmocka_unit_test(lines_and_tabs_pass_where_they_are_allowed),
        cmocka_unit_test_setup_teardown(clean_text_is_trimmed_and_composed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_comes_along_with_copied_text_goes, set_up, tear_down),
        cmocka_unit_test(what_shows_nothing_is_not_visible),
        cmocka_unit_test_setup_teardown(folded_text_is_found_without_accents_and_case, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(searches_are_words_or_a_number, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_are_found_as_people_hear_them, set_up, tear_down),
        cmocka_unit_test(slugs_are_lower_case_letters_digits_and_hyphens),
        cmocka_unit_test(numbers_are_whole_and_within_their_bounds),
        cmocka_unit_test_setup_teardown(ascii_is_treated_as_any_other_text, set_up, tear_down),
        cmocka_unit_test(numbers_are_written_as_snprintf_writes_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
