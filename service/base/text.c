#include "base/text.h"

#include <errno.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

bool text_is_ascii(const char *bytes, size_t length)
{
    size_t i = 0;
    uint64_t high = 0, word;
    for (; i + sizeof word <= length; i += sizeof word) {
        memcpy(&word, bytes + i, sizeof word);
        high |= word;
    }
    for (; i < length; i++)
        high |= (unsigned char)bytes[i];
    return (high & UINT64_C(0x8080808080808080)) == 0;
}

bool text_is_utf8(const char *bytes, size_t length)
{
    return text_is_ascii(bytes, length) || u8_check((const uint8_t *)bytes, length) == NULL;
}

size_t text_length(const char *text)
{
    size_t length = strlen(text);
    return text_is_ascii(text, length) ? length : u8_mbsnlen((const uint8_t *)text, length);
}

/* The next code point, as u8_next(). */
static const uint8_t *next_of(ucs4_t *ret_c, const uint8_t *at)
{
    if (*at == 0 || *at >= 0x80)
        return u8_next(ret_c, at);
    *ret_c = *at;
    return at + 1;
}

static bool is_direction_override(ucs4_t c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

bool text_has_control(const char *text, bool lines_allowed)
{
    ucs4_t c;
    const uint8_t *at = (const uint8_t *)text, *next;
    for (; (next = next_of(&c, at)) != NULL; at = next) {
        if (lines_allowed && (c == '\n' || c == '\t' || c == '\r'))
            continue;
        if (c >= ' ' && c < 0x7f)
            continue;
        if (uc_is_general_category(c, UC_CATEGORY_Cc) || is_direction_override(c) || c == 0x2028 ||
            c == 0x2029)
            return true;
    }
    return *at != '\0';
}

bool text_is_blank(uint32_t c)
{
    if (c < 0x80)
        return c <= ' ' || c == 0x7f;
    if (c == 0x2800 || uc_is_property_white_space(c) || uc_is_general_category(c, UC_CATEGORY_Cc))
        return true;
    /* Variation selectors, which are marks, belong to the sign before. */
    return uc_is_property_default_ignorable_code_point(c) &&
           !uc_is_general_category(c, UC_CATEGORY_M);
}

bool text_is_visible(const char *text)
{
    ucs4_t c;
    const uint8_t *at = (const uint8_t *)text;
    while ((at = next_of(&c, at)) != NULL) {
        if (text_is_blank(c))
            continue;
        if (c < 0x80)
            return true;
        if (uc_is_general_category(c, UC_CATEGORY_L) || uc_is_general_category(c, UC_CATEGORY_N) ||
            uc_is_general_category(c, UC_CATEGORY_P) || uc_is_general_category(c, UC_CATEGORY_S))
            return true;
    }
    return false;
}

/* Letters that Unicode does not decompose, as people write them without them, and signs that
 * keyboards and word processors exchange. "": it goes. NULL: it stays. */
static const char *plain_form(ucs4_t c)
{
    static const struct {
        ucs4_t c;
        const char *form;
    } forms[] = {
        {0x00e6, "ae"}, {0x00f0, "d"}, {0x00f8, "o"},  {0x00fe, "th"}, {0x0111, "d"},
        {0x0127, "h"},  {0x0131, "i"}, {0x0142, "l"},  {0x0153, "oe"}, {0x0167, "t"},
        {0x02bc, "'"},  {0x2018, "'"}, {0x2019, "'"},  {0x201b, "'"},  {0x0060, "'"},
        {0x2010, "-"},  {0x2011, "-"}, {0x2012, "-"},  {0x2013, "-"},  {0x2014, "-"},
        {0x2015, "-"},  {0x2212, "-"}, {0x201c, "\""}, {0x201d, "\""}, {0x201e, "\""},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (forms[i].c == c)
            return forms[i].form;
    }
    bool goes =
        uc_is_general_category(c, UC_CATEGORY_Mn) || uc_is_property_default_ignorable_code_point(c);
    return goes ? "" : NULL;
}

/* An acute accent that stands alone is typed for an apostrophe. Decomposed it would be a space. */
static const char *with_apostrophes(struct arena *arena, const char *text)
{
    static const char acute[] = "\u00b4";
    if (!strstr(text, acute))
        return text;
    char *copy = arena_copy(arena, text), *end = copy;
    for (const char *at = copy; *at; at++) {
        bool is_acute = strncmp(at, acute, sizeof acute - 1) == 0;
        *end++ = is_acute ? '\'' : *at;
        at += is_acute ? sizeof acute - 2 : 0;
    }
    *end = '\0';
    return copy;
}

static char *fold_ascii(struct arena *arena, const char *text, size_t length)
{
    char *folded = arena_copy_bytes(arena, text, length);
    for (char *at = folded; *at; at++) {
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at | 0x20);
        else if (*at == '`')
            *at = '\'';
    }
    return folded;
}

char *text_fold(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    if (text_is_ascii(text, length))
        return fold_ascii(arena, text, length);
    text = with_apostrophes(arena, text);
    uint8_t *folded =
        u8_casefold((const uint8_t *)text, strlen(text), NULL, UNINORM_NFKD, NULL, &length);
    /* No form is longer than the letter. */
    char *search = arena_alloc(arena, length + 1), *end = search;
    const uint8_t *at = folded, *stop = folded + length;
    while (folded && at < stop) {
        ucs4_t c = *at;
        int bytes = c < 0x80 && c != '`' ? 1 : u8_mbtouc(&c, at, (size_t)(stop - at));
        const char *form = c < 0x80 && c != '`' ? NULL : plain_form(c);
        size_t written = form ? strlen(form) : (size_t)bytes;
        memcpy(end, form ? form : (const char *)at, written);
        end += written;
        at += bytes;
    }
    *end = '\0';
    free(folded);
    return search;
}

char *text_fold_german(struct arena *arena, const char *text)
{
    static const char *const letters[][2] = {{"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"},
                                             {"Ä", "ae"}, {"Ö", "oe"}, {"Ü", "ue"}};
    struct buffer out;
    if (text_is_ascii(text, strlen(text)))
        return text_fold(arena, text);
    buffer_init(&out);
    for (const char *at = text; *at;) {
        size_t i = 0, count = sizeof letters / sizeof *letters;
        while (i < count && strncmp(at, letters[i][0], strlen(letters[i][0])) != 0)
            i++;
        if (i < count) {
            buffer_add_text(&out, letters[i][1]);
            at += strlen(letters[i][0]);
        } else {
            buffer_add_char(&out, *at++);
        }
    }
    char *folded = text_fold(arena, buffer_text(&out));
    buffer_finish(&out);
    return folded;
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

size_t text_format_number(int64_t number, char ret_text[TEXT_NUMBER_BYTES])
{
    char digits[TEXT_NUMBER_BYTES], *at = digits + sizeof digits, *to = ret_text;
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
    do
        *--at = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (number < 0)
        *to++ = '-';
    size_t length = (size_t)(digits + sizeof digits - at);
    memcpy(to, at, length);
    to[length] = '\0';
    return (size_t)(to - ret_text) + length;
}

enum { BITS_PER_CHARACTER = 5 };

static const char base32_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void base32_encode(const unsigned char *bytes, size_t length, struct buffer *out)
{
    size_t characters = (length * 8 + BITS_PER_CHARACTER - 1) / BITS_PER_CHARACTER;
    char *at = buffer_reserve(out, characters);
    unsigned bits = 0;
    int held = 0;
    for (size_t i = 0; i < length; i++) {
        bits = (bits << 8 | bytes[i]) & 0xfff;
        for (held += 8; held >= BITS_PER_CHARACTER; held -= BITS_PER_CHARACTER)
            *at++ = base32_alphabet[bits >> (held - BITS_PER_CHARACTER) & 31];
    }
    if (held > 0)
        *at = base32_alphabet[bits << (BITS_PER_CHARACTER - held) & 31];
    out->length += characters;
}

static int base32_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a';
    return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool base32_decode(const char *text, unsigned char *out, size_t space, size_t *ret_length)
{
    size_t length = 0;
    unsigned bits = 0;
    int held = 0;
    for (; *text; text++) {
        if (is_space(*text))
            continue;
        int value = base32_value(*text);
        if (value < 0)
            return false;
        bits = (bits << BITS_PER_CHARACTER | (unsigned)value) & 0xfff;
        held += BITS_PER_CHARACTER;
        if (held < 8)
            continue;
        if (length == space)
            return false;
        held -= 8;
        out[length++] = (unsigned char)(bits >> held);
    }
    /* The spare bits must be fewer than one character, and all zero. */
    if (held >= BITS_PER_CHARACTER || (bits & ((1u << held) - 1)) != 0)
        return false;
    *ret_length = length;
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The byte of the escape at the start of the text; -1: no escape. */
static int escaped_byte(const char *text, size_t length)
{
    if (length < 3 || text[0] != '%' || hex_value(text[1]) < 0 || hex_value(text[2]) < 0)
        return -1;
    return hex_value(text[1]) * 16 + hex_value(text[2]);
}

static char *percent_decode(struct arena *arena, const char *text, size_t length, bool form)
{
    char *decoded = arena_alloc(arena, length + 1), *end = decoded;
    for (size_t i = 0; i < length; i++) {
        int byte = escaped_byte(text + i, length - i);
        if (byte >= 0) {
            *end++ = (char)byte;
            i += 2;
        } else if (text[i] == '%' && !form) {
            return NULL;
        } else {
            *end++ = form && text[i] == '+' ? ' ' : text[i];
        }
    }
    size_t bytes = (size_t)(end - decoded);
    return strlen(decoded) == bytes && text_is_utf8(decoded, bytes) ? decoded : NULL;
}

char *percent_decode_strict(struct arena *arena, const char *text, size_t length)
{
    return percent_decode(arena, text, length, false);
}

char *percent_decode_form(struct arena *arena, const char *text, size_t length)
{
    return percent_decode(arena, text, length, true);
}

void percent_encode(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            strchr("-._~", c))
            buffer_add_char(out, *text);
        else
            buffer_printf(out, "%%%02X", c);
    }
}
