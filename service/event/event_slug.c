#include "event/event_slug.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

enum { NUMBER_MOST = 6 }; /* characters of "-1234" */

static const char *plain(struct arena *arena, const char *label, size_t most)
{
    char *slug = arena_alloc(arena, most + 1);
    size_t length = 0;
    for (const char *at = text_fold_german(arena, label); *at && length < most; at++) {
        bool is_letter = *at >= 'a' && *at <= 'z', is_digit = *at >= '0' && *at <= '9';
        if (is_letter || (is_digit && length > 0))
            slug[length++] = *at;
        else if (length > 0 && slug[length - 1] != '-')
            slug[length++] = '-';
    }
    while (length > 0 && slug[length - 1] == '-')
        length--;
    slug[length] = '\0';
    return length > 0 ? slug : "x";
}

static bool is_taken(const json_t *taken, const char *slug)
{
    size_t i;
    json_t *other;
    json_array_foreach ((json_t *)taken, i, other) {
        const char *text = json_string_value(other);
        if (text && strcmp(text, slug) == 0)
            return true;
    }
    return false;
}

const char *event_slug(struct arena *arena, const char *title, const json_t *taken, size_t most)
{
    const char *stem = plain(arena, title, most - NUMBER_MOST), *slug = stem;
    for (int n = 2; is_taken(taken, slug); n++)
        slug = arena_printf(arena, "%s-%d", stem, n);
    return slug;
}
