/* Charts: their scale, what they draw, and that texts cannot leave them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "view/chart.h"
#include "view/locale.h"

static const struct locale *english;
static struct locale_set *locales;

static int load(void **state)
{
    char error[LOCALE_ERROR_BYTES];
    (void)state;
    assert_true(locale_set_load(NULL, 0, error, &locales));
    english = locale_find(locales, "en");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    locale_set_destroy(locales);
    return 0;
}

static int count(const char *text, const char *part)
{
    int found = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        found++;
    return found;
}

static char *draw(const struct chart_bar *bars, size_t bar_count, const char *text)
{
    struct buffer out;
    buffer_init(&out);
    chart_bars(&(struct chart){text, bars, bar_count, english}, &out);
    return buffer_take(&out);
}

static void a_bar_is_as_high_as_its_value(void **state)
{
    static const struct chart_bar bars[] = {
        {.value = 1500, .label = "09:00"}, {.value = 0, .before = 3000}, {.value = 3000}};
    (void)state;
    char *svg = draw(bars, 3, "Arrivals");
    assert_int_equal(count(svg, "class=\"chart-bar\""), 2); /* none for 0 */
    assert_int_equal(count(svg, "class=\"chart-before\""), 1);
    assert_non_null(strstr(svg, "height=\"40.00%\"")); /* half of a plot of 80 % */
    assert_non_null(strstr(svg, "height=\"80.00%\""));
    assert_non_null(strstr(svg, ">1,000<"));
    assert_non_null(strstr(svg, ">3,000<"));
    assert_null(strstr(svg, ">4,000<"));
    assert_non_null(strstr(svg, "text-anchor=\"start\">09:00<"));
    free(svg);
}

static void a_scale_has_round_steps_and_few(void **state)
{
    static const int64_t values[] = {0, 1, 3, 4, 7, 59, 61, 1000000, INT64_C(7000000000)};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char *svg = draw(&(struct chart_bar){.value = values[i]}, 1, "Arrivals");
        int lines = count(svg, "class=\"chart-line\"");
        assert_true(lines >= 2 && lines <= 4);
        free(svg);
    }
    char *none = draw(NULL, 0, "Nobody");
    assert_int_equal(count(none, "<rect"), 0);
    free(none);
}

static void texts_cannot_leave_it(void **state)
{
    static const struct chart_bar bar = {.value = 1, .title = "</title><script>", .label = "<b>"};
    (void)state;
    char *svg = draw(&bar, 1, "\"><script>");
    assert_null(strstr(svg, "<script>"));
    assert_null(strstr(svg, "<b>"));
    assert_non_null(strstr(svg, "aria-label=\"&quot;&gt;&lt;script&gt;\""));
    free(svg);
}

static void a_meter_shows_parts_of_the_greatest(void **state)
{
    struct buffer out;
    (void)state;
    buffer_init(&out);
    chart_meter(&(struct chart_meter){"", 50, 25, 10, 100}, &out);
    const char *svg = buffer_text(&out);
    assert_non_null(strstr(svg, "class=\"meter-expected\" width=\"50.00%\""));
    assert_non_null(strstr(svg, "class=\"meter-came\" width=\"25.00%\""));
    assert_non_null(strstr(svg, "class=\"meter-inside\" width=\"10.00%\""));
    assert_non_null(strstr(svg, "class=\"meter-capacity\" x1=\"100.00%\""));
    buffer_clear(&out);
    chart_meter(&(struct chart_meter){"", 0, 0, 0, -1}, &out);
    assert_null(strstr(buffer_text(&out), "meter-capacity"));
    assert_null(strstr(buffer_text(&out), "nan"));
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bar_is_as_high_as_its_value),
        cmocka_unit_test(a_scale_has_round_steps_and_few),
        cmocka_unit_test(texts_cannot_leave_it),
        cmocka_unit_test(a_meter_shows_parts_of_the_greatest),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
