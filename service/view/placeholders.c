#include "view/placeholders.h"

#include <string.h>

#include "base/text.h"
#include "view/escape.h"
#include "view/markdown.h"

/* In Markdown, a private character stands for a value until the Markdown is read: U+E000 for the
 * first row of the table. So no value can be read as Markdown. */
static const char mark_lead[] = "\xee\x80";
enum { MARK_FIRST = 0x80, MARK_BYTES = 3 };

/* The length of a placeholder with its braces; 0: there is none here. */
static size_t placeholder_length(const char *at)
{
    size_t letters = *at == '{' ? strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_") : 0;
    return letters > 0 && at[1 + letters] == '}' ? letters + 2 : 0;
}

static const struct placeholder *find(const struct placeholder *table, const char *at,
                                      size_t length)
{
    for (; table->name; table++) {
        if (strlen(table->name) == length - 2 && memcmp(table->name, at + 1, length - 2) == 0)
            return table;
    }
    return NULL;
}

const char *placeholders_unknown(const char *text, const struct placeholder *known,
                                 struct arena *arena)
{
    for (const char *at = text; (at = strchr(at, '{')); at++) {
        size_t length = placeholder_length(at);
        if (length > 0 && !find(known, at, length))
            return arena_copy_bytes(arena, at + 1, length - 2);
    }
    return NULL;
}

void placeholders_fill(const char *text, const struct placeholder *values, struct buffer *out)
{
    while (*text) {
        size_t length = placeholder_length(text);
        const struct placeholder *value = length > 0 ? find(values, text, length) : NULL;
        if (value)
            buffer_add_text(out, value->value);
        else
            buffer_add(out, text, length = length > 0 ? length : 1);
        text += length;
    }
}

static bool is_mark(const char *at)
{
    return strncmp(at, mark_lead, sizeof mark_lead - 1) == 0 &&
           (unsigned char)at[MARK_BYTES - 1] >= MARK_FIRST &&
           (unsigned char)at[MARK_BYTES - 1] < MARK_FIRST + PLACEHOLDERS_MOST;
}

/* A link is filled in at once, as an autolink (CommonMark section 6.5) where it stands alone. */
static void add_link(const char *text, const char *at, const char *address, struct buffer *out)
{
    bool is_target =
        (at > text && at[-1] == '<') || (at > text + 1 && at[-1] == '(' && at[-2] == ']');
    buffer_printf(out, is_target ? "%s" : "<%s>", address);
}

static void set_marks(const char *markdown, const struct placeholder *values, struct buffer *out)
{
    for (const char *at = markdown; *at;) {
        size_t length = placeholder_length(at);
        const struct placeholder *value = length > 0 ? find(values, at, length) : NULL;
        if (is_mark(at)) { /* nobody's text may look like a mark */
            at += MARK_BYTES;
            continue;
        }
        if (value && value->is_link)
            add_link(markdown, at, value->value, out);
        else if (value)
            buffer_printf(out, "%s%c", mark_lead, (char)(MARK_FIRST + (value - values)));
        else
            buffer_add(out, at, length = length > 0 ? length : 1);
        at += length;
    }
}

static void replace_marks(const char *text, const struct placeholder *values, bool is_html,
                          struct buffer *out)
{
    for (const char *at = text; *at;) {
        size_t length = 1;
        if (is_mark(at)) {
            const char *value = values[(unsigned char)at[MARK_BYTES - 1] - MARK_FIRST].value;
            if (is_html)
                escape_html(out, value, strlen(value));
            else
                buffer_add_text(out, value);
            length = MARK_BYTES;
        } else {
            length = strcspn(at + 1, mark_lead) + 1;
            buffer_add(out, at, length);
        }
        at += length;
    }
}

static bool render(const char *markdown, const struct placeholder *values, unsigned first_heading,
                   struct buffer *out)
{
    struct buffer marked, rendered;
    if (!text_is_utf8(markdown, strlen(markdown))) /* its pieces could become a mark */
        return false;
    buffer_init(&marked);
    buffer_init(&rendered);
    set_marks(markdown, values, &marked);
    bool is_good = first_heading > 0 ? markdown_html(buffer_text(&marked), first_heading, &rendered)
                                     : markdown_text(buffer_text(&marked), &rendered);
    if (is_good)
        replace_marks(buffer_text(&rendered), values, first_heading > 0, out);
    buffer_finish(&marked);
    buffer_finish(&rendered);
    return is_good;
}

bool placeholders_html(const char *markdown, const struct placeholder *values,
                       unsigned first_heading, struct buffer *out)
{
    return render(markdown, values, first_heading, out);
}

bool placeholders_text(const char *markdown, const struct placeholder *values, struct buffer *out)
{
    return render(markdown, values, 0, out);
}
