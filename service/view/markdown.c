#include "view/markdown.h"

#include <strings.h>
#include <md4c.h>

#include "base/text.h"
#include "view/escape.h"

/* noopener: the target cannot control our window. nofollow: it gains no rank in search engines. */
#define LINK_REL "noopener nofollow ugc"

enum {
    FLAGS = MD_FLAG_NOHTML | MD_FLAG_PERMISSIVEURLAUTOLINKS | MD_FLAG_PERMISSIVEEMAILAUTOLINKS |
            MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_NOINDENTEDCODEBLOCKS,
};

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

/* --- Plain text ------------------------------------------------------------------------------ */

enum { LISTS_MOST = 8 }; /* nested deeper, items are written as on this level */

struct plain {
    struct buffer *out;
    size_t before; /* length of `out` at the start */
    int breaks;    /* line breaks before the next text */
    unsigned quotes, lists;
    unsigned next_number[LISTS_MOST + 1]; /* of each open list's next item; 0: it has no numbers */
    bool is_item;                         /* the next text begins an item */
    bool is_cell;                         /* the next cell is not the first of its row */
    unsigned images;
    size_t link_at; /* where the text of the open link begins */
};

static void plain_break(struct plain *p, int breaks)
{
    if (p->breaks < breaks && p->out->length > p->before)
        p->breaks = breaks;
}

static unsigned level_of(const struct plain *p)
{
    return p->lists < LISTS_MOST ? p->lists : LISTS_MOST;
}

static void begin_line(struct plain *p)
{
    unsigned level = level_of(p), *number = &p->next_number[level];
    for (unsigned i = 0; i < p->quotes; i++)
        buffer_add_text(p->out, "> ");
    for (unsigned i = p->is_item ? 1 : 0; i < level; i++)
        buffer_add_text(p->out, "  ");
    if (p->is_item && *number > 0)
        buffer_printf(p->out, "%u. ", (*number)++);
    else if (p->is_item)
        buffer_add_text(p->out, "- ");
    p->is_item = false;
}

static void plain_add(struct plain *p, const char *text, size_t size)
{
    bool begins = p->breaks > 0 || p->is_item || p->out->length == p->before;
    for (; p->breaks > 0; p->breaks--)
        buffer_add_char(p->out, '\n');
    if (begins)
        begin_line(p);
    buffer_add(p->out, text, size);
}

static int plain_go_on(const struct plain *p)
{
    return p->out->length - p->before > MARKDOWN_MOST_HTML;
}

static void open_plain_list(struct plain *p, unsigned first_number)
{
    plain_break(p, p->lists == 0 ? 2 : 1);
    p->lists++;
    p->next_number[level_of(p)] = first_number;
}

static int on_enter_plain_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct plain *p = context;
    const MD_BLOCK_OL_DETAIL *numbers = detail;
    if (type == MD_BLOCK_UL)
        open_plain_list(p, 0);
    else if (type == MD_BLOCK_OL)
        open_plain_list(p, numbers->start > 0 ? numbers->start : 1);
    else if (type == MD_BLOCK_LI)
        p->is_item = true;
    else if (type == MD_BLOCK_QUOTE)
        p->quotes++;
    else if (type == MD_BLOCK_HR)
        plain_add(p, "---", 3);
    if (type == MD_BLOCK_TR)
        p->is_cell = false;
    if ((type == MD_BLOCK_TD || type == MD_BLOCK_TH) && p->is_cell)
        plain_add(p, " | ", 3);
    return plain_go_on(p);
}

static int on_leave_plain_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct plain *p = context;
    (void)detail;
    if (type == MD_BLOCK_UL || type == MD_BLOCK_OL)
        p->lists--;
    else if (type == MD_BLOCK_QUOTE)
        p->quotes--;
    p->is_cell = type == MD_BLOCK_TD || type == MD_BLOCK_TH;
    if (type == MD_BLOCK_LI || type == MD_BLOCK_TR) {
        p->is_item = false; /* of an empty item */
        plain_break(p, 1);
    } else if (!p->is_cell && type != MD_BLOCK_DOC) {
        plain_break(p, p->lists == 0 ? 2 : 1);
    }
    return plain_go_on(p);
}

static int on_enter_plain_span(MD_SPANTYPE type, void *detail, void *context)
{
    struct plain *p = context;
    (void)detail;
    if (type == MD_SPAN_IMG)
        p->images++;
    if (type == MD_SPAN_A && p->images == 0) {
        plain_add(p, "", 0);
        p->link_at = p->out->length;
    }
    return plain_go_on(p);
}

/* Whether the text of a link is its address. */
static bool shows_address(const char *text, const char *address)
{
    static const char mail[] = "mailto:";
    return strcmp(text, address) == 0 || (strncmp(address, mail, sizeof mail - 1) == 0 &&
                                          strcmp(text, address + sizeof mail - 1) == 0);
}

static int on_leave_plain_span(MD_SPANTYPE type, void *detail, void *context)
{
    struct plain *p = context;
    const MD_SPAN_A_DETAIL *link = detail;
    struct buffer address;
    if (type == MD_SPAN_IMG)
        p->images--;
    if (type != MD_SPAN_A || p->images > 0)
        return plain_go_on(p);
    buffer_init(&address);
    if (read_href(&link->href, &address) && is_safe(buffer_text(&address)) &&
        !shows_address(buffer_text(p->out) + p->link_at, buffer_text(&address)))
        buffer_printf(p->out, " (%s)", buffer_text(&address));
    buffer_finish(&address);
    return plain_go_on(p);
}

/* Of other entities people see the source. */
static void add_entity(struct plain *p, const char *text, size_t size)
{
    static const struct {
        const char *entity, *meaning;
    } known[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&nbsp;", " "}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strlen(known[i].entity) == size && memcmp(text, known[i].entity, size) == 0) {
            plain_add(p, known[i].meaning, 1);
            return;
        }
    }
    plain_add(p, text, size);
}

static int on_plain_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *context)
{
    struct plain *p = context;
    if (type == MD_TEXT_BR || type == MD_TEXT_SOFTBR)
        plain_break(p, 1);
    else if (type == MD_TEXT_ENTITY)
        add_entity(p, text, size);
    else if (size == 1 && *text == '\n') /* of a block of code */
        plain_break(p, 1);
    else
        plain_add(p, text, size);
    return plain_go_on(p);
}

/* --- Both ------------------------------------------------------------------------------------ */

static void drop_from(struct buffer *out, size_t length)
{
    out->length = length;
    if (out->bytes)
        out->bytes[out->length] = '\0';
}

static bool parse(const char *text, const MD_PARSER *parser, void *writer)
{
    size_t length = strlen(text);
    return length <= MARKDOWN_MOST_BYTES && text_is_utf8(text, length) &&
           md_parse(text, (MD_SIZE)length, parser, writer) == 0;
}

bool markdown_html(const char *text, unsigned first_heading, struct buffer *out)
{
    static const MD_PARSER parser = {
        .flags = FLAGS,
        .enter_block = on_enter_block,
        .leave_block = on_leave_block,
        .enter_span = on_enter_span,
        .leave_span = on_leave_span,
        .text = on_text,
    };
    struct writer writer = {.out = out, .before = out->length, .first_heading = first_heading};
    if (parse(text, &parser, &writer))
        return true;
    drop_from(out, writer.before);
    return false;
}

bool markdown_text(const char *text, struct buffer *out)
{
    static const MD_PARSER parser = {
        .flags = FLAGS,
        .enter_block = on_enter_plain_block,
        .leave_block = on_leave_plain_block,
        .enter_span = on_enter_plain_span,
        .leave_span = on_leave_plain_span,
        .text = on_plain_text,
    };
    struct plain plain = {.out = out, .before = out->length};
    if (parse(text, &parser, &plain))
        return true;
    drop_from(out, plain.before);
    return false;
}
