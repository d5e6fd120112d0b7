#include "view/locale_parts.h"

#include <strings.h>

/* One element of the header: a range of languages and how much it is wanted, 0 to 1000. */
struct range {
    const char *text;
    size_t length;
    int quality;
};

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

/* "0.8" as 800; 0 to 1 with up to three decimals (RFC 9110 section 12.4.2), else -1. */
static int read_quality(const char *at, const char **ret_end)
{
    if (*at != '0' && *at != '1')
        return -1;
    int quality = (*at++ - '0') * 1000, weight = 100;
    if (*at == '.')
        for (at++; *at >= '0' && *at <= '9' && weight > 0; at++, weight /= 10)
            quality += (*at - '0') * weight;
    *ret_end = at;
    return quality <= 1000 ? quality : -1;
}

/* Reads one element and goes past its comma. An element that is malformed is wanted 0. */
static struct range next_range(const char **header)
{
    const char *at = skip_blanks(*header);
    struct range range = {.text = at, .length = strcspn(at, ",; \t"), .quality = 1000};
    at = skip_blanks(at + range.length);
    if (*at == ';') {
        at = skip_blanks(at + 1);
        bool weighed = (at[0] == 'q' || at[0] == 'Q') && at[1] == '=';
        range.quality = weighed ? read_quality(at + 2, &at) : -1;
        at = skip_blanks(at);
    }
    if ((*at != ',' && *at != '\0') || range.quality < 0)
        range.length = 0;
    at += strcspn(at, ",");
    *header = *at ? at + 1 : at;
    return range;
}

/* Whether the language serves the range: it is the same or what is left of it, cut at a hyphen. */
static bool serves(const char *code, const struct range *range)
{
    size_t length = strlen(code);
    return range->length >= length && strncasecmp(range->text, code, length) == 0 &&
           (range->length == length || range->text[length] == '-');
}

struct wanted {
    int quality; /* -1: not named */
    int place;   /* among the ranges */
};

static struct wanted want(const char *code, const struct range *ranges, int count)
{
    struct wanted best = {-1, count};
    int others = -1, others_place = count;
    for (int i = 0; i < count; i++) {
        if (ranges[i].length == 1 && *ranges[i].text == '*') {
            others = ranges[i].quality;
            others_place = i;
        } else if (serves(code, &ranges[i]) && ranges[i].quality > best.quality) {
            best = (struct wanted){ranges[i].quality, i};
        }
    }
    return best.quality >= 0 ? best : (struct wanted){others, others_place};
}

static int read_ranges(const char *header, struct range ranges[LOCALE_MOST_RANGES])
{
    int count = 0;
    while (header && *header && count < LOCALE_MOST_RANGES) {
        ranges[count] = next_range(&header);
        if (ranges[count].length > 0)
            count++;
    }
    return count;
}

const struct locale *locale_negotiate(const struct locale_set *set, const char *header,
                                      const char *const *allowed)
{
    struct range ranges[LOCALE_MOST_RANGES];
    int count = read_ranges(header, ranges);
    struct wanted best = {0, count};
    const struct locale *chosen = NULL, *first = NULL;
    for (allowed = allowed ? allowed : locale_languages; *allowed; allowed++) {
        const struct locale *locale = locale_find(set, *allowed);
        if (!locale)
            continue;
        first = first ? first : locale;
        struct wanted wanted = want(*allowed, ranges, count);
        if (wanted.quality > best.quality ||
            (chosen && wanted.quality == best.quality && wanted.place < best.place)) {
            best = wanted;
            chosen = locale;
        }
    }
    return chosen ? chosen : first ? first : &set->locales[0];
}
