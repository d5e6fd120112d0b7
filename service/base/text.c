#include "base/text.h"

#include <errno.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

bool text_is_utf8(const char *bytes, size_t length)
{
    return u8_check((const uint8_t *)bytes, length) == NULL;
}

size_t text_length(const char *text)
{
    return u8_mbsnlen((const uint8_t *)text, strlen(text));
}

static bool is_direction_override(ucs4_t c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

bool text_has_control(const char *text, bool lines_allowed)
{
    ucs4_t c;
    const uint8_t *at = (const uint8_t *)text, *next;
    for (; (next = u8_next(&c, at)) != NULL; at = next) {
        if (lines_allowed && (c == '\n' || c == '\t' || c == '\r'))
            continue;
        if (uc_is_general_category(c, UC_CATEGORY_Cc) || is_direction_override(c) || c == 0x2028 ||
            c == 0x2029)
            return true;
    }
    return *at != '\0';
}

bool text_is_visible(const char *text)
{
    ucs4_t c;
    const uint8_t *at = (const uint8_t *)text;
    while ((at = u8_next(&c, at)) != NULL) {
        if (uc_is_general_category(c, UC_CATEGORY_L) || uc_is_general_category(c, UC_CATEGORY_N) ||
            uc_is_general_category(c, UC_CATEGORY_P) || uc_is_general_category(c, UC_CATEGORY_S))
            return true;
    }
    return false;
}

static void trim(const uint8_t **ret_from, const uint8_t **ret_to)
{
    ucs4_t c;
    const uint8_t *from = *ret_from, *to = *ret_to, *next, *before;
    while (from < to && (next = u8_next(&c, from)) != NULL && uc_is_property_white_space(c))
        from = next;
    while (to > from && (before = u8_prev(&c, to, from)) != NULL && uc_is_property_white_space(c))
        to = before;
    *ret_from = from;
    *ret_to = to;
}

char *text_clean(struct arena *arena, const char *text)
{
    size_t bytes = strlen(text), length = 0;
    if (!text_is_utf8(text, bytes))
        return NULL;
    const uint8_t *from = (const uint8_t *)text, *to = from + bytes;
    trim(&from, &to);
    uint8_t *normal = u8_normalize(UNINORM_NFC, from, (size_t)(to - from), NULL, &length);
    char *clean = arena_copy_bytes(arena, normal, normal ? length : 0);
    free(normal);
    return clean;
}

char *text_fold(struct arena *arena, const char *text)
{
    size_t length = 0;
    uint8_t *folded =
        u8_casefold((const uint8_t *)text, strlen(text), NULL, UNINORM_NFKD, NULL, &length);
    char *search = arena_alloc(arena, length + 1), *end = search;
    const uint8_t *at = folded, *stop = folded + length;
    while (folded && at < stop) {
        ucs4_t c;
        int bytes = u8_mbtouc(&c, at, (size_t)(stop - at));
        if (!uc_is_general_category(c, UC_CATEGORY_Mn)) {
            memcpy(end, at, (size_t)bytes);
            end += bytes;
        }
        at += bytes;
    }
    *end = '\0';
    free(folded);
    return search;
}

bool text_is_slug(const char *text, size_t most)
{
    size_t length = strlen(text);
    if (length < 1 || length > most || text[0] == '-' || text[length - 1] == '-')
        return false;
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

bool text_parse_number(const char *text, long least, long most, long *ret_number)
{
    char *end;
    if ((*text < '0' || *text > '9') && *text != '-')
        return false;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno != 0 || *end != '\0' || end == text || number < least || number > most)
        return false;
    *ret_number = number;
    return true;
}
