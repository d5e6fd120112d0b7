#include "base/encode.h"

#include "base/text.h"

enum { BITS_PER_CHARACTER = 5 };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void base32_encode(const unsigned char *bytes, size_t length, struct buffer *out)
{
    size_t characters = (length * 8 + BITS_PER_CHARACTER - 1) / BITS_PER_CHARACTER;
    char *at = buffer_reserve(out, characters);
    unsigned bits = 0;
    int held = 0;
    for (size_t i = 0; i < length; i++) {
        bits = (bits << 8 | bytes[i]) & 0xfff;
        for (held += 8; held >= BITS_PER_CHARACTER; held -= BITS_PER_CHARACTER)
            *at++ = alphabet[bits >> (held - BITS_PER_CHARACTER) & 31];
    }
    if (held > 0)
        *at = alphabet[bits << (BITS_PER_CHARACTER - held) & 31];
    out->length += characters;
}

static int value_of(char c)
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
        int value = value_of(*text);
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

static int digit(char c)
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
static int escaped(const char *text, size_t length)
{
    if (length < 3 || text[0] != '%' || digit(text[1]) < 0 || digit(text[2]) < 0)
        return -1;
    return digit(text[1]) * 16 + digit(text[2]);
}

static char *decode(struct arena *arena, const char *text, size_t length, bool form)
{
    char *decoded = arena_alloc(arena, length + 1), *end = decoded;
    for (size_t i = 0; i < length; i++) {
        int byte = escaped(text + i, length - i);
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
    return decode(arena, text, length, false);
}

char *percent_decode_form(struct arena *arena, const char *text, size_t length)
{
    return decode(arena, text, length, true);
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
