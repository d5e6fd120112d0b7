#include "view/locale_parts.h"

#include "base/clock.h"

const struct locale_rules locale_rules[LOCALE_COUNT] = {
    {
        .code = "en",
        .name = "English",
        .weekdays = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
        .months = {"January", "February", "March", "April", "May", "June", "July", "August",
                   "September", "October", "November", "December"},
        .patterns = {"%W, %d %B %Y", "%d %B %Y", "%H:%I", "%H:%I"},
        .separator = ",",
    },
    {
        .code = "de",
        .name = "Deutsch",
        .weekdays = {"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag",
                     "Samstag"},
        .months = {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August",
                   "September", "Oktober", "November", "Dezember"},
        .patterns = {"%W, %d. %B %Y", "%D.%M.%Y", "%H:%I Uhr", "%H:%I"},
        .separator = ".",
    },
};

const char *const locale_languages[LOCALE_COUNT + 1] = {"en", "de", NULL};

struct local {
    int year, month, day, hour, minute;
};

/* Of the Gregorian calendar, from Sunday: Sakamoto's method. */
static int weekday(const struct local *at)
{
    static const int offsets[12] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
    int year = at->month < 3 ? at->year - 1 : at->year;
    return (year + year / 4 - year / 100 + year / 400 + offsets[at->month - 1] + at->day) % 7;
}

static void add_field(const struct locale_rules *rules, char field, const struct local *at,
                      struct buffer *out)
{
    switch (field) {
    case 'W':
        buffer_add_text(out, rules->weekdays[weekday(at)]);
        break;
    case 'B':
        buffer_add_text(out, rules->months[at->month - 1]);
        break;
    case 'd':
        buffer_printf(out, "%d", at->day);
        break;
    case 'D':
        buffer_printf(out, "%02d", at->day);
        break;
    case 'M':
        buffer_printf(out, "%02d", at->month);
        break;
    case 'Y':
        buffer_printf(out, "%04d", at->year);
        break;
    case 'H':
        buffer_printf(out, "%02d", at->hour);
        break;
    case 'I':
        buffer_printf(out, "%02d", at->minute);
        break;
    }
}

bool locale_format_local(const struct locale *locale, const char *local, enum locale_date form,
                         struct buffer *out)
{
    struct local at = {0};
    if (!clock_is_local(local) && (form >= LOCALE_TIME || !clock_is_date(local)))
        return false;
    if (sscanf(local, "%d-%d-%dT%d:%d", &at.year, &at.month, &at.day, &at.hour, &at.minute) < 3)
        return false;
    for (const char *p = locale->rules->patterns[form]; *p; p++) {
        if (*p == '%')
            add_field(locale->rules, *++p, &at, out);
        else
            buffer_add_char(out, *p);
    }
    return true;
}

bool locale_format_span(const struct locale *locale, const char *from, const char *until,
                        struct buffer *out)
{
    enum { DAY = 10, CLOCK = 11, CLOCK_LENGTH = 5 };
    if (!clock_is_local(from) || !clock_is_local(until))
        return false;
    bool is_one_day = strncmp(from, until, DAY) == 0;
    bool good = locale_format_local(locale, from, LOCALE_DATE_LONG, out);
    buffer_printf(out, ", %.*s%s", CLOCK_LENGTH, from + CLOCK, is_one_day ? "–" : " – ");
    if (!is_one_day) {
        good = locale_format_local(locale, until, LOCALE_DATE_LONG, out) && good;
        buffer_add_text(out, ", ");
    }
    return locale_format_local(locale, until, LOCALE_TIME, out) && good;
}

void locale_format_number(const struct locale *locale, int64_t number, struct buffer *out)
{
    char digits[24];
    /* The magnitude as unsigned, because the least number has none as signed. */
    uint64_t magnitude = number < 0 ? -(uint64_t)number : (uint64_t)number;
    size_t length = (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)magnitude);
    if (number < 0)
        buffer_add_char(out, '-');
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            buffer_add_text(out, locale->rules->separator);
        buffer_add_char(out, digits[i]);
    }
}

static const char *const aspects[] = {
    [LOCALE_DATE_LONG] = "date",
    [LOCALE_DATE_SHORT] = "date_short",
    [LOCALE_TIME] = "time",
    [LOCALE_CLOCK] = "clock",
    "number",
    "one",
};

size_t locale_aspect_length(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof aspects / sizeof *aspects; i++)
        if (strcmp(dot + 1, aspects[i]) == 0)
            return strlen(dot);
    return 0;
}

bool locale_format_aspect(const void *context, const json_t *value, const char *aspect,
                          struct buffer *out)
{
    const struct locale *locale = context;
    if (strcmp(aspect, "number") == 0 && json_is_integer(value)) {
        locale_format_number(locale, json_integer_value(value), out);
        return true;
    }
    for (enum locale_date form = LOCALE_DATE_LONG; form <= LOCALE_CLOCK; form++)
        if (strcmp(aspect, aspects[form]) == 0)
            return json_is_string(value) &&
                   locale_format_local(locale, json_string_value(value), form, out);
    return false;
}
