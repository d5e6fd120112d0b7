#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "base/text.h"

/*
 * What comes along with text that is copied from contacts, spreadsheets and word processors. Around
 * it all that shows nothing goes. Within it spaces of any kind become spaces, breaks of any kind
 * line ends, and what neither shows nor does anything goes.
 */

enum {
    SOFT_HYPHEN = 0xad,
    SPACE_WITHOUT_WIDTH = 0x200b, /* between words of scripts without spaces */
    NON_JOINER = 0x200c,
    JOINER = 0x200d,
    BYTES_MOST = 4, /* of a code point */
};

struct cleaning {
    bool is_line, runs_both_ways;
    ucs4_t last; /* that stays; 0: none yet */
    uint8_t *end;
};

static bool is_any_of(ucs4_t c, const ucs4_t *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == c)
            return true;
    }
    return false;
}

#define IS_ANY_OF(c, list) is_any_of((c), (list), sizeof(list) / sizeof *(list))

/* A tag ends the flag of a region, an emoji. */
static bool is_tag(ucs4_t c)
{
    return c >= 0xe0020 && c <= 0xe007f;
}

static bool is_break(ucs4_t c)
{
    /* VT is what a word processor makes of a line break within a paragraph. */
    static const ucs4_t breaks[] = {'\v', '\f', 0x85, 0x2028, 0x2029};
    return IS_ANY_OF(c, breaks);
}

/* Changes the order of signs only where some run from right to left. What begins such a run itself
 * (U+202B, U+202E, U+2067) is not among them: a text that is shown with it is another one without.
 */
static bool is_direction_mark(ucs4_t c)
{
    static const ucs4_t marks[] = {0x061c, 0x200e, 0x200f, 0x202a, 0x202c,
                                   0x202d, 0x2066, 0x2068, 0x2069};
    return IS_ANY_OF(c, marks);
}

/* ZWJ and ZWNJ shape the letters of Arabic and of India's scripts, and join emoji. */
static bool is_shaped(ucs4_t c)
{
    return c == JOINER || is_tag(c) || uc_is_general_category(c, UC_CATEGORY_Lo) ||
           uc_is_general_category(c, UC_CATEGORY_M) || uc_is_general_category(c, UC_CATEGORY_S);
}

static bool does_nothing(const struct cleaning *cleaning, ucs4_t c)
{
    static const ucs4_t nothing[] = {0x180e, 0x2060, 0x2061, 0x2062, 0x2063,
                                     0x2064, 0xfeff, 0xfff9, 0xfffa, 0xfffb};
    if (c == JOINER || c == NON_JOINER || is_tag(c))
        return !is_shaped(cleaning->last);
    if (c == SPACE_WITHOUT_WIDTH)
        return cleaning->is_line || !is_shaped(cleaning->last);
    if (c == SOFT_HYPHEN)
        return cleaning->is_line;
    return IS_ANY_OF(c, nothing) || (is_direction_mark(c) && !cleaning->runs_both_ways);
}

static bool looks_like_space(const struct cleaning *cleaning, ucs4_t c)
{
    static const ucs4_t fillers[] = {0x3164, 0xffa0}; /* of Hangul */
    if (cleaning->is_line)
        return c == '\t' || c == '\n' || c == '\r' || is_break(c) ||
               uc_is_general_category(c, UC_CATEGORY_Zs) || IS_ANY_OF(c, fillers);
    bool is_kept_together = c == 0xa0 || c == 0x202f;
    return (uc_is_general_category(c, UC_CATEGORY_Zs) && !is_kept_together) ||
           IS_ANY_OF(c, fillers);
}

static void take(struct cleaning *cleaning, ucs4_t c)
{
    if (does_nothing(cleaning, c))
        return;
    if (looks_like_space(cleaning, c))
        c = ' ';
    else if (is_break(c))
        c = '\n';
    if (cleaning->is_line && c == ' ' && cleaning->last == ' ')
        return;
    cleaning->end += u8_uctomb(cleaning->end, c, BYTES_MOST);
    cleaning->last = c;
}

static bool runs_both_ways(const uint8_t *from, const uint8_t *to)
{
    ucs4_t c;
    for (const uint8_t *next; from < to && (next = u8_next(&c, from)) != NULL; from = next) {
        int class = uc_bidi_class(c);
        if (class == UC_BIDI_R || class == UC_BIDI_AL)
            return true;
    }
    return false;
}

static void trim(const uint8_t **ret_from, const uint8_t **ret_to)
{
    ucs4_t c;
    const uint8_t *from = *ret_from, *to = *ret_to, *next, *before;
    while (from < to && (next = u8_next(&c, from)) != NULL && text_is_blank(c))
        from = next;
    while (to > from && (before = u8_prev(&c, to, from)) != NULL && text_is_blank(c) && !is_tag(c))
        to = before;
    *ret_from = from;
    *ret_to = to;
}

static char *clean_ascii(struct arena *arena, const char *from, const char *to, bool is_line)
{
    while (from < to && text_is_blank((unsigned char)*from))
        from++;
    while (to > from && text_is_blank((unsigned char)to[-1]))
        to--;
    char *taken = arena_alloc(arena, (size_t)(to - from) + 1), *end = taken;
    for (; from < to; from++) {
        bool is_end = *from == '\v' || *from == '\f';
        bool is_space =
            is_line && (is_end || *from == ' ' || *from == '\t' || *from == '\n' || *from == '\r');
        if (is_space && end[-1] == ' ') /* it does not begin with a space */
            continue;
        *end++ = is_space ? ' ' : is_end ? '\n' : *from;
    }
    *end = '\0';
    return taken;
}

static char *clean(struct arena *arena, const char *text, bool is_line)
{
    size_t bytes = strlen(text), length = 0;
    if (text_is_ascii(text, bytes))
        return clean_ascii(arena, text, text + bytes, is_line);
    if (!text_is_utf8(text, bytes))
        return NULL;
    const uint8_t *from = (const uint8_t *)text, *to = from + bytes;
    trim(&from, &to);
    /* No code point becomes longer. */
    uint8_t *taken = arena_alloc(arena, (size_t)(to - from) + 1);
    struct cleaning cleaning = {
        .is_line = is_line, .runs_both_ways = runs_both_ways(from, to), .end = taken};
    ucs4_t c;
    for (const uint8_t *next; from < to && (next = u8_next(&c, from)) != NULL; from = next)
        take(&cleaning, c);
    /* A tag that went left what stood before it as the end. */
    while (cleaning.end > taken && (cleaning.end[-1] == ' ' || cleaning.end[-1] == '\n'))
        cleaning.end--;
    uint8_t *normal =
        u8_normalize(UNINORM_NFC, taken, (size_t)(cleaning.end - taken), NULL, &length);
    char *result = arena_copy_bytes(arena, normal, normal ? length : 0);
    free(normal);
    return result;
}

char *text_clean(struct arena *arena, const char *text)
{
    return clean(arena, text, true);
}

char *text_clean_lines(struct arena *arena, const char *text)
{
    return clean(arena, text, false);
}

size_t text_code(const char *code, char *ret_key, size_t space)
{
    ucs4_t c;
    size_t length = 0;
    const uint8_t *at = (const uint8_t *)code, *next;
    for (; (next = u8_next(&c, at)) != NULL; at = next) {
        if (text_is_blank(c) || c == '-' || uc_is_general_category(c, UC_CATEGORY_Pd))
            continue;
        if (c >= 0xff01 && c <= 0xff5e)
            c -= 0xff01 - '!';
        int bytes =
            u8_uctomb((uint8_t *)ret_key + length, uc_tolower(c), (ptrdiff_t)(space - length));
        if (bytes < 0)
            return 0;
        length += (size_t)bytes;
    }
    return *at == '\0' ? length : 0;
}
