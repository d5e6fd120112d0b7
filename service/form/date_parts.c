#include "form/date_parts.h"

#include "base/clock.h"
#include "base/text.h"
#include "form/kind.h"

enum { DAY, MONTH, YEAR };

const char *const date_part_names[DATE_PARTS] = {[DAY] = "day", [MONTH] = "month", [YEAR] = "year"};

static const char *text_of(struct arena *arena, const json_t *typed, size_t part)
{
    const char *text = json_string_value(json_object_get(typed, date_part_names[part]));
    const char *clean = text ? text_clean(arena, text) : NULL;
    return clean ? clean : "";
}

bool date_parts_are_given(const json_t *typed)
{
    for (size_t i = 0; i < DATE_PARTS; i++) {
        const char *text = json_string_value(json_object_get(typed, date_part_names[i]));
        if (text && text[strspn(text, " \t\r\n")] != '\0')
            return true;
    }
    return false;
}

/* "5", "05", "5." */
static long number_of(struct arena *arena, const char *text)
{
    long number;
    size_t length = strlen(text);
    if (length > 1 && text[length - 1] == '.')
        text = arena_copy_bytes(arena, text, length - 1);
    while (text[0] == '0' && text[1] != '\0')
        text++;
    return text_parse_number(text, 0, 9999, &number) ? number : -1;
}

/* "Mai", "may", "September", "Sept." */
static long month_named(struct arena *arena, const char *text)
{
    static const char *const starts[] = {"jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug",
                                         "sep", "okt", "nov", "dez", "may", "oct", "dec"};
    static const long months[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 5, 10, 12};
    const char *folded = text_fold(arena, text);
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (strncmp(folded, starts[i], strlen(starts[i])) == 0)
            return months[i];
    }
    return -1;
}

static const char *check_day(long day)
{
    return day < 1 || day > 31 ? "no_such_day" : NULL;
}

static const char *check_month(long month)
{
    return month < 1 || month > 12 ? "no_such_month" : NULL;
}

static const char *check_year(const char *text, long year)
{
    if (strlen(text) != 4 || year < 0)
        return "year_digits";
    return year < KIND_YEAR_LEAST || year > KIND_YEAR_MOST ? "strange_year" : NULL;
}

struct date_parts date_parts_read(struct arena *arena, const json_t *typed)
{
    static const char *const needed[DATE_PARTS] = {"day_needed", "month_needed", "year_needed"};
    struct date_parts parts = {0};
    const char *texts[DATE_PARTS];
    long numbers[DATE_PARTS];
    for (size_t i = 0; i < DATE_PARTS; i++) {
        texts[i] = text_of(arena, typed, i);
        numbers[i] = number_of(arena, texts[i]);
        parts.codes[i] = *texts[i] ? NULL : needed[i];
    }
    if (numbers[MONTH] < 0)
        numbers[MONTH] = month_named(arena, texts[MONTH]);
    if (!parts.codes[DAY])
        parts.codes[DAY] = check_day(numbers[DAY]);
    if (!parts.codes[MONTH])
        parts.codes[MONTH] = check_month(numbers[MONTH]);
    if (!parts.codes[YEAR])
        parts.codes[YEAR] = check_year(texts[YEAR], numbers[YEAR]);
    if (parts.codes[DAY] || parts.codes[MONTH] || parts.codes[YEAR])
        return parts;
    parts.date =
        arena_printf(arena, "%04ld-%02ld-%02ld", numbers[YEAR], numbers[MONTH], numbers[DAY]);
    if (!clock_is_date(parts.date)) {
        parts.date = NULL;
        parts.codes[DAY] = "day_not_in_month";
    }
    return parts;
}

const char *date_part_shown(struct arena *arena, const json_t *value, size_t part)
{
    static const struct {
        size_t at, length;
    } places[DATE_PARTS] = {[DAY] = {8, 2}, [MONTH] = {5, 2}, [YEAR] = {0, 4}};
    const char *typed = json_string_value(json_object_get(value, date_part_names[part]));
    const char *date = json_string_value(value);
    if (!date || !clock_is_date(date))
        return typed ? typed : "";
    const char *text = arena_copy_bytes(arena, date + places[part].at, places[part].length);
    return part != YEAR && *text == '0' ? text + 1 : text;
}
