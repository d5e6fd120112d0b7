#include "view/colour.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The grounds and the text on buttons of web/styles/look.css. */
enum {
    PAPER = 0xfbfaf7,
    MAIL = 0xf3f1ec, /* of mails, which are light */
    SURFACE = 0xffffff,
    DARK_PAPER = 0x131418,
    DARK_SURFACE = 0x1b1d22,
    ON_ACCENT = 0xffffff,
    DARK_ON_ACCENT = 0x0d1432,
    BLACK = 0x000000,
    WHITE = 0xffffff,
    STEPS = 64,
};

static const double contrast_least = 4.5;
static const double soft_part = 0.1, dark_soft_part = 0.14; /* of the accent on the surface */

static unsigned channel(unsigned colour, int index)
{
    return colour >> (16 - 8 * index) & 255;
}

/* The relative luminance of WCAG 2.2. */
static double luminance(unsigned colour)
{
    static const double weights[] = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        double part = channel(colour, i) / 255.0;
        sum += weights[i] * (part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static double contrast(unsigned one, unsigned other)
{
    double a = luminance(one) + 0.05, b = luminance(other) + 0.05;
    return a > b ? a / b : b / a;
}

static unsigned mix(unsigned from, unsigned to, double part)
{
    unsigned colour = 0;
    for (int i = 0; i < 3; i++)
        colour =
            colour << 8 | (unsigned)lround(channel(from, i) * (1 - part) + channel(to, i) * part);
    return colour;
}

static unsigned soft_of(unsigned accent, bool is_dark)
{
    return is_dark ? mix(DARK_SURFACE, accent, dark_soft_part) : mix(SURFACE, accent, soft_part);
}

static bool is_readable(unsigned accent, bool is_dark)
{
    const unsigned grounds[] = {is_dark ? DARK_PAPER : PAPER, is_dark ? DARK_SURFACE : MAIL,
                                is_dark ? DARK_ON_ACCENT : ON_ACCENT, soft_of(accent, is_dark)};
    for (size_t i = 0; i < sizeof grounds / sizeof *grounds; i++) {
        if (contrast(accent, grounds[i]) < contrast_least)
            return false;
    }
    return true;
}

static void write(unsigned colour, char text[COLOUR_TEXT_BYTES])
{
    snprintf(text, COLOUR_TEXT_BYTES, "#%06x", colour & 0xffffff);
}

bool colour_is(const char *text)
{
    return text && strlen(text) == COLOUR_TEXT_BYTES - 1 && *text == '#' &&
           strspn(text + 1, "0123456789abcdefABCDEF") == COLOUR_TEXT_BYTES - 2;
}

void colour_look(const char *chosen, bool is_dark, struct colour_look *ret_look)
{
    unsigned colour = (unsigned)strtoul(chosen + 1, NULL, 16), accent = colour;
    for (int step = 1; step <= STEPS && !is_readable(accent, is_dark); step++)
        accent = mix(colour, is_dark ? WHITE : BLACK, (double)step / STEPS);
    write(accent, ret_look->accent);
    write(is_dark ? DARK_ON_ACCENT : ON_ACCENT, ret_look->on_accent);
    write(soft_of(accent, is_dark), ret_look->soft);
    ret_look->is_changed = accent != colour;
}
