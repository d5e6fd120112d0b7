#include "view/escape.h"

static const struct {
    const char *text;
    size_t length;
} references[256] = {
    ['&'] = {"&amp;", 5},  ['<'] = {"&lt;", 4},   ['>'] = {"&gt;", 4},
    ['"'] = {"&quot;", 6}, ['\''] = {"&#39;", 5},
};

void escape_html(struct buffer *out, const char *text, size_t length)
{
    const char *end = text + length, *plain = text;
    for (const char *at = text; at < end; at++) {
        unsigned char c = (unsigned char)*at;
        if (references[c].length == 0)
            continue;
        buffer_add(out, plain, (size_t)(at - plain));
        buffer_add(out, references[c].text, references[c].length);
        plain = at + 1;
    }
    buffer_add(out, plain, (size_t)(end - plain));
}

enum { REAL_MOST_BYTES = 64 };

static bool write_object(struct json_writer *writer, const char *name, const json_t *object)
{
    const char *key;
    json_t *value;
    bool is_written = true;
    json_writer_object(writer, name);
    json_object_foreach ((json_t *)object, key, value)
        is_written = is_written && escape_json(writer, key, value);
    json_writer_end(writer);
    return is_written;
}

static bool write_list(struct json_writer *writer, const char *name, const json_t *list)
{
    size_t i;
    json_t *value;
    bool is_written = true;
    json_writer_list(writer, name);
    json_array_foreach (list, i, value)
        is_written = is_written && escape_json(writer, NULL, value);
    json_writer_end(writer);
    return is_written;
}

bool escape_json(struct json_writer *writer, const char *name, const json_t *value)
{
    char real[REAL_MOST_BYTES];
    bool is_nested = json_is_object(value) || json_is_array(value);
    if (!value || (is_nested && writer->depth == JSON_WRITER_DEPTH_MOST))
        return false;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return write_object(writer, name, value);
    case JSON_ARRAY:
        return write_list(writer, name, value);
    case JSON_STRING:
        json_writer_text_of(writer, name, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        json_writer_number(writer, name, json_integer_value(value));
        break;
    case JSON_REAL:
        json_writer_json(writer, name, real,
                         json_dumpb(value, real, sizeof real, JSON_ENCODE_ANY | ESCAPE_REALS));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        json_writer_bool(writer, name, json_is_true(value));
        break;
    case JSON_NULL:
        json_writer_null(writer, name);
        break;
    }
    return true;
}

/* The escape for the character at `at`, with its bytes in ret_length. NULL: it needs none. */
static const char *script_escape(const char *at, size_t *ret_length)
{
    *ret_length = 1;
    switch (*at) {
    case '<':
        return "\\u003c";
    case '>':
        return "\\u003e";
    case '&':
        return "\\u0026";
    }
    *ret_length = 3;
    if (strncmp(at, "\xe2\x80\xa8", 3) == 0)
        return "\\u2028";
    if (strncmp(at, "\xe2\x80\xa9", 3) == 0)
        return "\\u2029";
    return NULL;
}

void escape_script_json(struct buffer *out, const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY | ESCAPE_REALS);
    if (!text)
        return;
    /* JSON has these characters only inside strings, so escaping them keeps its syntax. */
    const char *plain = text;
    for (const char *at = text; *at; at++) {
        size_t length;
        const char *escape = script_escape(at, &length);
        if (!escape)
            continue;
        buffer_add(out, plain, (size_t)(at - plain));
        buffer_add_text(out, escape);
        plain = at + length;
        at = plain - 1;
    }
    buffer_add_text(out, plain);
    free(text);
}
