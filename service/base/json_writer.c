#include "base/json_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

void json_writer_init(struct json_writer *writer, struct buffer *out)
{
    *writer = (struct json_writer){.out = out};
}

/* --- Texts ----------------------------------------------------------------------------------- */

/* What is written for a byte: itself, or the letter of a short escape, or \u and its digits. */
enum { PLAIN = 0, DIGITS = 'u', HIGH = 1 };

static const unsigned char forms[256] = {
    [0x00 ... 0x07] = DIGITS,
    ['\b'] = 'b',
    ['\t'] = 't',
    ['\n'] = 'n',
    [0x0b] = DIGITS,
    ['\f'] = 'f',
    ['\r'] = 'r',
    [0x0e ... 0x1f] = DIGITS,
    ['"'] = '"',
    ['\\'] = '\\',
    [0x7f] = DIGITS,
    [0x80 ... 0xff] = HIGH,
};

static void add_escape(struct buffer *out, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned char form = forms[c];
    if (form == DIGITS || form == HIGH)
        buffer_add(out, (const char[]){'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]}, 6);
    else
        buffer_add(out, (const char[]){'\\', (char)form}, 2);
}

/* Writes the rest of a text, from the first byte that may need an escape. */
static void add_rest(struct buffer *out, const char *text, size_t length, size_t from)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t plain = from;
    int high = -1; /* whether bytes above ASCII are UTF-8; -1: nobody has asked */
    for (size_t i = from; i < length; i++) {
        unsigned char form = forms[bytes[i]];
        if (form == PLAIN)
            continue;
        if (form == HIGH && high < 0)
            high = text_is_utf8(text, length);
        if (form == HIGH && high)
            continue;
        buffer_add(out, text + plain, i - plain);
        add_escape(out, bytes[i]);
        plain = i + 1;
    }
    buffer_add(out, text + plain, length - plain);
}

static void add_text(struct buffer *out, const char *text, size_t length)
{
    enum { QUOTES = 2 };
    size_t plain = 0;
    char *to = buffer_reserve(out, length + QUOTES);
    *to++ = '"';
    for (; plain < length && forms[(unsigned char)text[plain]] == PLAIN; plain++)
        to[plain] = text[plain];
    out->length += 1 + plain;
    if (plain < length)
        add_rest(out, text, length, plain);
    buffer_add_char(out, '"');
}

/* --- Values ---------------------------------------------------------------------------------- */

static bool is_in_object(const struct json_writer *writer)
{
    return writer->depth > 0 && (writer->objects >> (writer->depth - 1) & 1);
}

static void refuse(const char *what)
{
    fprintf(stderr, "einlass: JSON with %s\n", what);
    abort();
}

static void begin_value(struct json_writer *writer, const char *name)
{
    if (is_in_object(writer) != (name != NULL))
        refuse(name ? "a name outside of an object" : "a member without a name");
    if (writer->has_items && writer->depth == 0)
        refuse("two values");
    if (writer->has_items)
        buffer_add_char(writer->out, ',');
    writer->has_items = true;
    if (name) {
        add_text(writer->out, name, strlen(name));
        buffer_add_char(writer->out, ':');
    }
}

static void open_level(struct json_writer *writer, const char *name, bool is_object)
{
    begin_value(writer, name);
    if (writer->depth == JSON_WRITER_DEPTH_MOST)
        refuse("too many levels");
    uint64_t bit = UINT64_C(1) << writer->depth++;
    writer->objects = is_object ? writer->objects | bit : writer->objects & ~bit;
    writer->has_items = false;
    buffer_add_char(writer->out, is_object ? '{' : '[');
}

void json_writer_object(struct json_writer *writer, const char *name)
{
    open_level(writer, name, true);
}

void json_writer_list(struct json_writer *writer, const char *name)
{
    open_level(writer, name, false);
}

void json_writer_end(struct json_writer *writer)
{
    if (writer->depth == 0)
        refuse("an end without a beginning");
    buffer_add_char(writer->out, is_in_object(writer) ? '}' : ']');
    writer->depth--;
    writer->has_items = true;
}

void json_writer_text_of(struct json_writer *writer, const char *name, const char *text,
                         size_t length)
{
    begin_value(writer, name);
    add_text(writer->out, text, length);
}

void json_writer_text(struct json_writer *writer, const char *name, const char *text)
{
    if (text)
        json_writer_text_of(writer, name, text, strlen(text));
    else
        json_writer_null(writer, name);
}

void json_writer_json(struct json_writer *writer, const char *name, const char *json, size_t length)
{
    begin_value(writer, name);
    buffer_add(writer->out, json, length);
}

void json_writer_jsonb(struct json_writer *writer, const char *name, const char *jsonb)
{
    bool is_text = false;
    begin_value(writer, name);
    char *to = buffer_reserve(writer->out, strlen(jsonb)), *const from = to;
    for (const char *at = jsonb; *at; at++) {
        if (*at == '"')
            is_text = !is_text;
        else if (*at == '\\') /* only in a text */
            *to++ = *at++;
        if (*at != ' ' || is_text)
            *to++ = *at;
    }
    *to = '\0';
    writer->out->length += (size_t)(to - from);
}

void json_writer_number(struct json_writer *writer, const char *name, int64_t number)
{
    char text[TEXT_NUMBER_BYTES];
    json_writer_json(writer, name, text, text_format_number(number, text));
}

void json_writer_bool(struct json_writer *writer, const char *name, bool value)
{
    json_writer_json(writer, name, value ? "true" : "false", value ? 4 : 5);
}

void json_writer_null(struct json_writer *writer, const char *name)
{
    json_writer_json(writer, name, "null", 4);
}

void json_writer_id(struct json_writer *writer, const char *name, const struct id *id)
{
    char text[ID_TEXT_BYTES];
    id_format(id, text);
    json_writer_text(writer, name, id_is_zero(id) ? NULL : text);
}

void json_writer_time(struct json_writer *writer, const char *name, int64_t at_us)
{
    char text[CLOCK_TEXT_BYTES];
    clock_format(at_us, text);
    json_writer_text(writer, name, at_us == 0 ? NULL : text);
}
