#include "mail/transfer.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    LINE_MOST = 75,  /* characters of quoted-printable before the soft line break "=" */
    LINE_BYTES = 57, /* give 76 characters of base64 */
};

void transfer_base64_line(struct buffer *out, const void *bytes, size_t length)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *at = bytes;
    char *to = buffer_reserve(out, (length + 2) / 3 * 4);
    for (size_t i = 0; i < length; i += 3) {
        uint32_t three = (uint32_t)at[i] << 16;
        three |= i + 1 < length ? (uint32_t)at[i + 1] << 8 : 0;
        three |= i + 2 < length ? at[i + 2] : 0;
        *to++ = letters[three >> 18];
        *to++ = letters[three >> 12 & 63];
        *to++ = i + 1 < length ? letters[three >> 6 & 63] : '=';
        *to++ = i + 2 < length ? letters[three & 63] : '=';
    }
    out->length += (length + 2) / 3 * 4;
}

void transfer_base64(struct buffer *out, const void *bytes, size_t length)
{
    const char *at = bytes;
    for (size_t i = 0; i < length; i += LINE_BYTES) {
        if (i > 0)
            buffer_add_text(out, "\r\n");
        transfer_base64_line(out, at + i, length - i < LINE_BYTES ? length - i : LINE_BYTES);
    }
}

static size_t line_end(const char *text)
{
    if (text[0] == '\r')
        return text[1] == '\n' ? 2 : 1;
    return text[0] == '\n';
}

/* Mail servers may drop a space or tab at the end of a line, so it is encoded. */
static bool is_literal(const char *text)
{
    if (*text == ' ' || *text == '\t')
        return text[1] != '\0' && line_end(text + 1) == 0;
    return *text > ' ' && *text <= '~' && *text != '=';
}

/* The bytes of a character, by its first byte. */
static size_t character_bytes(const char *text)
{
    size_t length = 1;
    while (length < 4 && (text[length] & 0xc0) == 0x80)
        length++;
    return (text[0] & 0x80) ? length : 1;
}

void transfer_quoted_printable(struct buffer *out, const char *text)
{
    size_t column = 0;
    while (*text) {
        size_t end = line_end(text), bytes = character_bytes(text);
        if (end > 0) {
            buffer_add_text(out, "\r\n");
            column = 0;
            text += end;
            continue;
        }
        size_t width = is_literal(text) ? 1 : 3 * bytes;
        if (column + width > LINE_MOST) {
            buffer_add_text(out, "=\r\n");
            column = 0;
        }
        if (width == 1)
            buffer_add_char(out, *text);
        for (size_t i = 0; width > 1 && i < bytes; i++)
            buffer_printf(out, "=%02X", (unsigned char)text[i]);
        column += width;
        text += bytes;
    }
}
