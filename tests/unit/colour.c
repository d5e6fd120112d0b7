/* Whatever colour is chosen, text in it and on it can be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "view/colour.h"

static double luminance(const char *colour)
{
    static const double weights[] = {0.2126, 0.7152, 0.0722};
    unsigned long value = strtoul(colour + 1, NULL, 16);
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        double part = (double)(value >> (16 - 8 * i) & 255) / 255;
        sum += weights[i] * (part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static double contrast(const char *one, const char *other)
{
    double a = luminance(one) + 0.05, b = luminance(other) + 0.05;
    return fmax(a, b) / fmin(a, b);
}

static void every_colour_becomes_readable(void **state)
{
    static const char *const grounds[2][3] = {{"#fbfaf7", "#ffffff", "#f3f1ec"},
                                              {"#131418", "#1b1d22", "#1b1d22"}};
    (void)state;
    for (unsigned value = 0; value <= 0xffffff; value += 0x010907) {
        char chosen[COLOUR_TEXT_BYTES];
        snprintf(chosen, sizeof chosen, "#%06x", value);
        for (int is_dark = 0; is_dark < 2; is_dark++) {
            struct colour_look look;
            colour_look(chosen, is_dark, &look);
            for (int i = 0; i < 3; i++)
                assert_true(contrast(look.accent, grounds[is_dark][i]) >= 4.5);
            assert_true(contrast(look.accent, look.on_accent) >= 4.5);
            assert_true(contrast(look.accent, look.soft) >= 4.5);
            assert_int_equal(look.is_changed, strcmp(look.accent, chosen) != 0);
        }
    }
}

static void a_readable_colour_stays(void **state)
{
    struct colour_look look;
    (void)state;
    colour_look("#2547c0", false, &look);
    assert_false(look.is_changed);
    assert_string_equal(look.on_accent, "#ffffff");
    colour_look("#2547c0", true, &look);
    assert_true(look.is_changed);
}

static void only_six_digits_are_a_colour(void **state)
{
    static const char *const others[] = {NULL,     "",         "red",     "#fff",
                                         "#2547c", "#2547c00", "2547c0a", "#2547cg"};
    (void)state;
    assert_true(colour_is("#2547C0"));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(colour_is(others[i]));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_colour_becomes_readable),
        cmocka_unit_test(a_readable_colour_stays),
        cmocka_unit_test(only_six_digits_are_a_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
