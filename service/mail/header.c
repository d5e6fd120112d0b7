#include "mail/header.h"

#include <unistr.h>

#include "mail/line.h"
#include "mail/transfer.h"

enum {
    COLUMNS = 76,     /* of a line with encoded words (RFC 2047 section 2) */
    WORD_BYTES = 45,  /* of text in an encoded word: 60 letters of base64 and 12 around them */
    WORD_LEAST = 12,  /* with less room left, start a new line */
    WORD_AROUND = 12, /* "=?utf-8?B?" and "?=" */
    PLAIN_WORD_MOST = 60,
    SECTION_MOST = 50, /* letters of a section of a parameter (RFC 2231 section 3) */
};

struct header header_begin(struct buffer *out, const char *name)
{
    buffer_printf(out, "%s:", name);
    return (struct header){.out = out, .column = strlen(name) + 1};
}

void header_end(struct header *header)
{
    buffer_add_text(header->out, "\r\n");
}

/* Adds a space, and before it a new line if fewer than `length` columns are left. */
static void separate(struct header *header, size_t length)
{
    if (header->column + 1 + length > COLUMNS && header->column > 1) {
        buffer_add_text(header->out, "\r\n");
        header->column = 0;
    }
    buffer_add_char(header->out, ' ');
    header->column++;
}

void header_token(struct header *header, const char *token)
{
    separate(header, strlen(token));
    buffer_add_text(header->out, token);
    header->column += strlen(token);
}

/* --- Text ------------------------------------------------------------------------------------ */

/* Whether the text could be misread as an encoded word, or cannot be folded. */
static bool needs_encoding(const char *text)
{
    if (!line_is_ascii(text) || strstr(text, "=?"))
        return true;
    while (*text) {
        size_t word = strcspn(text, " ");
        if (word > PLAIN_WORD_MOST)
            return true;
        text += word + (text[word] == ' ');
    }
    return false;
}

/* The bytes of all whole characters that fit into `most` bytes. */
static size_t whole_characters(const char *text, size_t most)
{
    size_t length = 0;
    while (text[length]) {
        int size = u8_mblen((const uint8_t *)text + length, strlen(text + length));
        if (size <= 0 || length + (size_t)size > most)
            break;
        length += (size_t)size;
    }
    return length;
}

/* Adds base64 words (RFC 2047 section 4.1), each of whole characters. */
static void add_encoded(struct header *header, const char *text)
{
    while (*text) {
        size_t used = header->column + 1 + WORD_AROUND, left = used < COLUMNS ? COLUMNS - used : 0;
        size_t most = left / 4 * 3, length;
        most = most < WORD_LEAST || most > WORD_BYTES ? WORD_BYTES : most;
        length = whole_characters(text, most);
        separate(header, WORD_AROUND + (length + 2) / 3 * 4);
        size_t start = header->out->length;
        buffer_add_text(header->out, "=?utf-8?B?");
        transfer_base64_line(header->out, text, length);
        buffer_add_text(header->out, "?=");
        header->column += header->out->length - start;
        text += length;
    }
}

static void add_words(struct header *header, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, " ");
        separate(header, length);
        buffer_add(header->out, text, length);
        header->column += length;
        text += length + (text[length] == ' ');
    }
}

void header_text(struct buffer *out, const char *name, const char *text)
{
    struct buffer clean;
    buffer_init(&clean);
    line_add(&clean, text, strlen(text), HEADER_TEXT_MOST);
    struct header header = header_begin(out, name);
    if (needs_encoding(buffer_text(&clean)))
        add_encoded(&header, buffer_text(&clean));
    else
        add_words(&header, buffer_text(&clean));
    header_end(&header);
    buffer_finish(&clean);
}

void header_plain(struct buffer *out, const char *name, const char *value)
{
    buffer_printf(out, "%s: %s\r\n", name, value);
}

/* --- Quoted strings, mailboxes, parameters --------------------------------------------------- */

static void quote(struct buffer *out, const char *text)
{
    buffer_add_char(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buffer_add_char(out, '\\');
        buffer_add_char(out, *text);
    }
    buffer_add_char(out, '"');
}

static void add_name(struct header *header, const char *name)
{
    struct buffer clean, quoted;
    buffer_init(&clean);
    buffer_init(&quoted);
    line_add(&clean, name, strlen(name), HEADER_TEXT_MOST);
    quote(&quoted, buffer_text(&clean));
    if (needs_encoding(buffer_text(&clean)) || quoted.length > PLAIN_WORD_MOST)
        add_encoded(header, buffer_text(&clean));
    else if (clean.length > 0)
        header_token(header, buffer_text(&quoted));
    buffer_finish(&quoted);
    buffer_finish(&clean);
}

void header_mailbox(struct buffer *out, const char *name, const struct mailbox *mailbox)
{
    struct header header = header_begin(out, name);
    struct buffer address;
    buffer_init(&address);
    if (mailbox->name)
        add_name(&header, mailbox->name);
    buffer_printf(&address, "<%s>", mailbox->address);
    header_token(&header, buffer_text(&address));
    header_end(&header);
    buffer_finish(&address);
}

/* Adds name*0*=utf-8''…; name*1*=…, with %XX for bytes that RFC 2231 does not allow. */
static void add_sections(struct header *header, const char *name, const char *value)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    struct buffer section;
    buffer_init(&section);
    for (int number = 0; *value; number++) {
        buffer_clear(&section);
        buffer_printf(&section, "%s*%d*=%s", name, number, number == 0 ? "utf-8''" : "");
        do { /* whole characters, because some mail programs decode each section alone */
            if (strchr(safe, *value))
                buffer_add_char(&section, *value);
            else
                buffer_printf(&section, "%%%02X", (unsigned char)*value);
        } while (*++value &&
                 (section.length < SECTION_MOST || ((unsigned char)*value & 0xC0) == 0x80));
        if (*value)
            buffer_add_char(&section, ';');
        header_token(header, buffer_text(&section));
    }
    buffer_finish(&section);
}

void header_parameter(struct header *header, const char *name, const char *value)
{
    struct buffer clean, text;
    buffer_init(&clean);
    buffer_init(&text);
    line_add(&clean, value, strlen(value), HEADER_FILE_NAME_MOST);
    buffer_printf(&text, "%s=", name);
    quote(&text, buffer_text(&clean));
    buffer_add_char(header->out, ';');
    header->column++;
    if (!line_is_ascii(buffer_text(&clean)) || text.length > COLUMNS - 2)
        add_sections(header, name, buffer_text(&clean));
    else
        header_token(header, buffer_text(&text));
    buffer_finish(&text);
    buffer_finish(&clean);
}
