#include "view/markdown.h"

#include <strings.h>
#include <md4c.h>

#include "base/text.h"
#include "view/escape.h"

/* noopener: the target cannot control our window. nofollow: it gains no rank in search engines. */
#define LINK_REL "noopener nofollow ugc"

struct writer {
    struct buffer *out;
    size_t before; /* length of `out` at the start */
    unsigned first_heading;
    unsigned images;   /* open images; inside them only text is written */
    bool link_written; /* whether the open link is written; links do not nest */
};

/* Stops the parser when the output is too long. */
static int go_on(const struct writer *w)
{
    return w->out->length - w->before > MARKDOWN_MOST_HTML;
}

static unsigned heading(const struct writer *w, const MD_BLOCK_H_DETAIL *detail)
{
    unsigned level = detail->level + w->first_heading - 1;
    return level > 6 ? 6 : level;
}

static void open_list(struct writer *w, const MD_BLOCK_OL_DETAIL *detail)
{
    if (detail->start == 1)
        buffer_add_text(w->out, "<ol>\n");
    else
        buffer_printf(w->out, "<ol start=\"%u\">\n", detail->start);
}

static int on_enter_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    static const char *const tags[] = {
        [MD_BLOCK_QUOTE] = "<blockquote>\n",
        [MD_BLOCK_UL] = "<ul>\n",
        [MD_BLOCK_LI] = "<li>",
        [MD_BLOCK_HR] = "<hr>\n",
        [MD_BLOCK_CODE] = "<pre><code>",
        [MD_BLOCK_P] = "<p>",
        [MD_BLOCK_TABLE] = "<table>\n",
        [MD_BLOCK_THEAD] = "<thead>\n",
        [MD_BLOCK_TBODY] = "<tbody>\n",
        [MD_BLOCK_TR] = "<tr>",
        [MD_BLOCK_TH] = "<th scope=\"col\">",
        [MD_BLOCK_TD] = "<td>",
    };
    struct writer *w = context;
    if (type == MD_BLOCK_H)
        buffer_printf(w->out, "<h%u>", heading(w, detail));
    else if (type == MD_BLOCK_OL)
        open_list(w, detail);
    else if (tags[type])
        buffer_add_text(w->out, tags[type]);
    return go_on(w);
}

static int on_leave_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    static const char *const tags[] = {
        [MD_BLOCK_QUOTE] = "</blockquote>\n",
        [MD_BLOCK_UL] = "</ul>\n",
        [MD_BLOCK_OL] = "</ol>\n",
        [MD_BLOCK_LI] = "</li>\n",
        [MD_BLOCK_CODE] = "</code></pre>\n",
        [MD_BLOCK_P] = "</p>\n",
        [MD_BLOCK_TABLE] = "</table>\n",
        [MD_BLOCK_THEAD] = "</thead>\n",
        [MD_BLOCK_TBODY] = "</tbody>\n",
        [MD_BLOCK_TR] = "</tr>\n",
        [MD_BLOCK_TH] = "</th>",
        [MD_BLOCK_TD] = "</td>",
    };
    struct writer *w = context;
    if (type == MD_BLOCK_H)
        buffer_printf(w->out, "</h%u>\n", heading(w, detail));
    else if (tags[type])
        buffer_add_text(w->out, tags[type]);
    return go_on(w);
}

/* Decodes the entities of an address. False: it has one that no real address needs. */
static bool read_href(const MD_ATTRIBUTE *href, struct buffer *ret_address)
{
    for (size_t i = 0; href->substr_offsets[i] < href->size; i++) {
        const char *part = href->text + href->substr_offsets[i];
        size_t length = href->substr_offsets[i + 1] - href->substr_offsets[i];
        if (href->substr_types[i] == MD_TEXT_NORMAL)
            buffer_add(ret_address, part, length);
        else if (href->substr_types[i] == MD_TEXT_ENTITY && length == 5 &&
                 memcmp(part, "&amp;", 5) == 0)
            buffer_add_char(ret_address, '&');
        else
            return false;
    }
    return true;
}

/* Browsers skip control characters and white space in a scheme, so this refuses them. */
static bool is_safe(const char *address)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:"};
    for (const char *at = address; *at; at++)
        if ((unsigned char)*at <= ' ' || *at == 0x7f)
            return false;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (strncasecmp(address, schemes[i], strlen(schemes[i])) == 0)
            return true;
    return false;
}

static void open_link(struct writer *w, const MD_SPAN_A_DETAIL *detail)
{
    struct buffer address;
    buffer_init(&address);
    w->link_written = read_href(&detail->href, &address) && is_safe(buffer_text(&address));
    if (w->link_written) {
        buffer_add_text(w->out, "<a href=\"");
        escape_html(w->out, address.bytes, address.length);
        buffer_add_text(w->out, "\" rel=\"" LINK_REL "\">");
    }
    buffer_finish(&address);
}

static const char *const span_names[] = {
    [MD_SPAN_EM] = "em",
    [MD_SPAN_STRONG] = "strong",
    [MD_SPAN_CODE] = "code",
    [MD_SPAN_DEL] = "del",
};

static const char *span_name(MD_SPANTYPE type)
{
    return type < sizeof span_names / sizeof *span_names ? span_names[type] : NULL;
}

static int on_enter_span(MD_SPANTYPE type, void *detail, void *context)
{
    struct writer *w = context;
    if (type == MD_SPAN_IMG)
        w->images++;
    else if (w->images > 0)
        return go_on(w);
    else if (type == MD_SPAN_A)
        open_link(w, detail);
    else if (span_name(type))
        buffer_printf(w->out, "<%s>", span_name(type));
    return go_on(w);
}

static int on_leave_span(MD_SPANTYPE type, void *detail, void *context)
{
    struct writer *w = context;
    (void)detail;
    if (type == MD_SPAN_IMG)
        w->images--;
    else if (w->images > 0)
        return go_on(w);
    else if (type == MD_SPAN_A)
        buffer_add_text(w->out, w->link_written ? "</a>" : "");
    else if (span_name(type))
        buffer_printf(w->out, "</%s>", span_name(type));
    return go_on(w);
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *context)
{
    struct writer *w = context;
    switch (type) {
    case MD_TEXT_NULLCHAR:
        buffer_add_text(w->out, "\xef\xbf\xbd");
        break;
    case MD_TEXT_BR:
        buffer_add_text(w->out, w->images > 0 ? " " : "<br>\n");
        break;
    case MD_TEXT_SOFTBR:
        buffer_add_char(w->out, '\n');
        break;
    case MD_TEXT_ENTITY: /* md4c passes only "&", letters, digits, "#" and ";" */
        buffer_add(w->out, text, size);
        break;
    case MD_TEXT_NORMAL:
    case MD_TEXT_CODE:
    case MD_TEXT_HTML:
    case MD_TEXT_LATEXMATH:
        escape_html(w->out, text, size);
        break;
    }
    return go_on(w);
}

bool markdown_html(const char *text, unsigned first_heading, struct buffer *out)
{
    static const MD_PARSER parser = {
        .flags = MD_FLAG_NOHTML | MD_FLAG_PERMISSIVEURLAUTOLINKS |
                 MD_FLAG_PERMISSIVEEMAILAUTOLINKS | MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH |
                 MD_FLAG_NOINDENTEDCODEBLOCKS,
        .enter_block = on_enter_block,
        .leave_block = on_leave_block,
        .enter_span = on_enter_span,
        .leave_span = on_leave_span,
        .text = on_text,
    };
    size_t length = strlen(text);
    struct writer writer = {.out = out, .before = out->length, .first_heading = first_heading};
    if (length > MARKDOWN_MOST_BYTES || !text_is_utf8(text, length))
        return false;
    if (md_parse(text, (MD_SIZE)length, &parser, &writer) == 0)
        return true;
    out->length = writer.before;
    if (out->bytes)
        out->bytes[out->length] = '\0';
    return false;
}
