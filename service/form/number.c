#include "form/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>

#include "base/text.h"

enum { DIGITS_MOST = 60 };

/* The digits and marks of a number: '.', ',', and '\'' for a space or an apostrophe. */
struct writing {
    char text[DIGITS_MOST];
    size_t length;
    bool is_negative;
};

static bool is_minus(ucs4_t c)
{
    return c == '-' || (c >= 0x2010 && c <= 0x2013) || c == 0x2212 || c == 0xfe63 || c == 0xff0d;
}

/* The mark as we write it; '\0': it belongs to no number. */
static char mark_of(ucs4_t c)
{
    int digit = uc_decimal_value(c);
    if (digit >= 0)
        return (char)('0' + digit);
    switch (c) {
    case '.':
    case 0xff0e: /* full-width, as the comma below */
        return '.';
    case ',':
    case 0xff0c:
    case 0x066b: /* the Arabic decimal sign */
        return ',';
    case ' ':
    case '\'':
    case 0x2019:
    case 0x02bc:
    case 0x066c: /* the Arabic separator */
        return '\'';
    default:
        return '\0';
    }
}

static bool read_marks(const char *clean, struct writing *writing)
{
    ucs4_t c;
    const uint8_t *at = (const uint8_t *)clean, *next = u8_next(&c, at);
    if (next && (is_minus(c) || c == '+')) {
        writing->is_negative = c != '+';
        at = next;
    }
    for (at += *at == ' '; (next = u8_next(&c, at)) != NULL; at = next) {
        char mark = mark_of(c);
        if (!mark || writing->length == DIGITS_MOST - 1)
            return false;
        writing->text[writing->length++] = mark;
    }
    writing->text[writing->length] = '\0';
    return strpbrk(writing->text, "0123456789") != NULL;
}

static int count(const char *text, char mark)
{
    int n = 0;
    for (; *text; text++)
        n += *text == mark;
    return n;
}

/* Whether the first `length` characters are groups of three digits, the first of one to three. */
static bool is_grouped(const char *text, size_t length, char separator)
{
    size_t digits = 0;
    bool is_first = true;
    for (size_t i = 0; i < length; i++) {
        if (text[i] != separator) {
            if (text[i] < '0' || text[i] > '9')
                return false;
            digits++;
        } else if (is_first ? digits < 1 || digits > 3 : digits != 3) {
            return false;
        } else {
            is_first = false;
            digits = 0;
        }
    }
    return is_first || digits == 3;
}

/* Whether a lone mark may separate thousands: "1.000", not "0.125" or "12.5". */
static bool may_separate(const char *text, const char *mark)
{
    size_t length = strlen(text);
    return text[0] != '0' && is_grouped(text, length, *mark);
}

/* Finds which mark separates thousands and which begins the fraction; '\0': none does. */
static enum number_reading judge(const char *text, char known, char *ret_separator, char *ret_point)
{
    const char *point = strrchr(text, '.'), *comma = strrchr(text, ',');
    const char *last = !point || (comma && comma > point) ? comma : point;
    bool has_spaces = strchr(text, '\'') != NULL, has_both = point && comma;
    *ret_separator = has_spaces ? '\'' : '\0';
    *ret_point = last ? *last : '\0';
    if (has_both) {
        *ret_separator = *last == ',' ? '.' : ',';
        return has_spaces ? NUMBER_NONE : NUMBER_READ;
    }
    if (!last || has_spaces)
        return NUMBER_READ;
    bool is_alone = count(text, *last) == 1;
    if (is_alone && !may_separate(text, last))
        return NUMBER_READ;
    *ret_separator = *last;
    *ret_point = '\0';
    return !is_alone || *last == known ? NUMBER_READ : NUMBER_AMBIGUOUS;
}

/* Removes what separates thousands, and writes the point for strtod(). */
static void simplify(char *text, char separator, char point)
{
    char *end = text;
    for (; *text; text++) {
        if (*text != separator)
            *end++ = *text == point ? '.' : *text;
    }
    *end = '\0';
}

enum number_reading number_read(struct arena *arena, const char *text, char separator,
                                struct number *ret_number)
{
    struct writing writing = {0};
    char between, point, *clean = text_clean(arena, text);
    if (!clean || !read_marks(clean, &writing))
        return NUMBER_NONE;
    enum number_reading reading = judge(writing.text, separator, &between, &point);
    if (reading != NUMBER_READ)
        return reading;
    const char *fraction = point ? strchr(writing.text, point) : NULL;
    size_t whole = fraction ? (size_t)(fraction - writing.text) : writing.length;
    if (!is_grouped(writing.text, whole, between) ||
        (fraction && strspn(fraction + 1, "0123456789") != strlen(fraction + 1)))
        return NUMBER_NONE;
    simplify(writing.text, between, point);
    double value = strtod(writing.text, NULL);
    *ret_number = (struct number){.value = writing.is_negative ? -value : value,
                                  .has_fraction = fraction != NULL};
    return NUMBER_READ;
}

/* --- Writing --------------------------------------------------------------------------------- */

enum { DOUBLE_DIGITS = 15, TEXT_MOST = 400 };

/* Never with an exponent. */
static void write_plain(double number, char text[TEXT_MOST])
{
    int before = number == 0 ? 1 : (int)floor(log10(fabs(number))) + 1;
    int decimals = DOUBLE_DIGITS - before;
    snprintf(text, TEXT_MOST, "%.*f", decimals > 0 ? decimals : 0, number);
    if (!strchr(text, '.'))
        return;
    size_t length = strlen(text);
    while (text[length - 1] == '0')
        length--;
    text[text[length - 1] == '.' ? length - 1 : length] = '\0';
}

void number_write(const json_t *number, char separator, struct buffer *out)
{
    char text[TEXT_MOST];
    if (json_is_integer(number))
        snprintf(text, TEXT_MOST, "%" JSON_INTEGER_FORMAT, json_integer_value(number));
    else
        write_plain(json_real_value(number), text);
    char *point = strchr(text, '.');
    bool is_ambiguous = point && may_separate(text + (text[0] == '-'), point);
    if (point && separator == '.')
        *point = ',';
    buffer_printf(out, "%s%s", text, is_ambiguous ? "0" : "");
}
