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
