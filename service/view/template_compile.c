#include "view/template_node.h"

#include <stdarg.h>

#include "base/memory.h"
#include "view/escape.h"

enum { DELIMITER_BYTES = 16 };

struct compiler {
    struct template *template;
    const char *source, *end; /* the arena's copy */
    const char *plain;        /* start of the text that is not yet in a node */
    const char *counted;      /* lines are counted up to here */
    uint32_t line;
    char open[DELIMITER_BYTES], close[DELIMITER_BYTES];
    struct template_node *nodes;
    size_t count, space;
    uint32_t nesting[TEMPLATE_MOST_NESTING]; /* indexes of the open nodes */
    bool blank_before[TEMPLATE_MOST_NESTING];
    unsigned depth;
    char *error;
};

/* A tag such as {{#name}}. Its sigil is '#'; 'v' for variables, '{' for {{{x}}}. */
struct tag {
    const char *start, *end;
    char sigil;
    const char *content;
    size_t length;
};

static bool fail(struct compiler *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(struct compiler *c, const char *format, ...)
{
    char reason[TEMPLATE_ERROR_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    snprintf(c->error, TEMPLATE_ERROR_BYTES, "%.100s:%u: %.140s", c->template->name,
             (unsigned)c->line, reason);
    return false;
}

static const char *find(const char *from, const char *end, const char *what)
{
    return memmem(from, (size_t)(end - from), what, strlen(what));
}

static void count_lines(struct compiler *c, const char *upto)
{
    for (; c->counted < upto; c->counted++)
        c->line += *c->counted == '\n';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The start of the line if only blanks are between it and `at`, else NULL. */
static const char *blank_line_start(const struct compiler *c, const char *at)
{
    while (at > c->source && is_blank(at[-1]))
        at--;
    return at == c->source || at[-1] == '\n' ? at : NULL;
}

/* The start of the next line (or the end of the source) if only blanks precede it, else NULL. */
static const char *blank_line_end(const struct compiler *c, const char *at)
{
    while (at < c->end && is_blank(*at))
        at++;
    if (at + 1 < c->end && at[0] == '\r' && at[1] == '\n')
        return at + 2;
    if (at == c->end)
        return at;
    return *at == '\n' ? at + 1 : NULL;
}

static struct template_node *add_node(struct compiler *c, enum template_node_kind kind,
                                      const char *at)
{
    if (c->count == c->space) {
        c->space = c->space ? c->space * 2 : 4;
        c->nodes = memory_grow(c->nodes, c->space * sizeof *c->nodes);
    }
    struct template_node *node = &c->nodes[c->count++];
    *node = (struct template_node){.kind = kind, .line = c->line};
    node->starts_line = at && (at == c->source || at[-1] == '\n');
    return node;
}

static void add_text(struct compiler *c, const char *upto)
{
    if (upto <= c->plain)
        return;
    struct template_node *node = add_node(c, NODE_TEXT, c->plain);
    node->text = c->plain;
    node->length = (uint32_t)(upto - c->plain);
    if (c->template->kind != TEMPLATE_WORDING)
        return;
    struct buffer escaped;
    buffer_init(&escaped);
    escape_html(&escaped, node->text, node->length);
    node->text = arena_copy_bytes(c->template->arena, escaped.bytes, escaped.length);
    node->length = (uint32_t)escaped.length;
    buffer_finish(&escaped);
}

static bool split_name(struct compiler *c, struct template_node *node)
{
    if (strcmp(node->name, ".") == 0)
        return true;
    struct template_part *parts =
        arena_alloc(c->template->arena, TEMPLATE_MOST_PARTS * sizeof *parts);
    const char *at = node->name;
    for (;;) {
        size_t length = strcspn(at, ".");
        if (length == 0)
            return fail(c, "the name \"%s\" has an empty part", node->name);
        if (node->part_count == TEMPLATE_MOST_PARTS)
            return fail(c, "the name \"%s\" has too many parts", node->name);
        char *text = arena_copy_bytes(c->template->arena, at, length);
        parts[node->part_count++] = (struct template_part){text, length};
        if (at[length] == '\0')
            break;
        at += length + 1;
    }
    node->parts = parts;
    return true;
}

static bool read_name(struct compiler *c, const struct tag *tag, const char **ret_name)
{
    if (tag->length == 0)
        return fail(c, "a tag without a name");
    for (size_t i = 0; i < tag->length; i++)
        if ((unsigned char)tag->content[i] <= ' ' || tag->content[i] == 0x7f)
            return fail(c, "the name \"%.*s\" has white space in it", (int)tag->length,
                        tag->content);
    *ret_name = arena_copy_bytes(c->template->arena, tag->content, tag->length);
    return true;
}

/* {{=<% %>=}} */
static bool set_delimiters(struct compiler *c, const struct tag *tag)
{
    size_t first = 0, gap = 0;
    while (first < tag->length && (unsigned char)tag->content[first] > ' ')
        first++;
    while (first + gap < tag->length && (unsigned char)tag->content[first + gap] <= ' ')
        gap++;
    const char *second = tag->content + first + gap;
    size_t length = tag->length - first - gap;
    if (first == 0 || gap == 0 || length == 0)
        return fail(c, "delimiters are two, with a space between them");
    if (first >= DELIMITER_BYTES || length >= DELIMITER_BYTES)
        return fail(c, "a delimiter is longer than %d bytes", DELIMITER_BYTES - 1);
    for (size_t i = 0; i < tag->length; i++)
        if (tag->content[i] == '=' || tag->content[i] == '\0' ||
            (tag->content + i >= second && (unsigned char)tag->content[i] <= ' '))
            return fail(c, "a delimiter has a character in it that it cannot have");
    memcpy(c->open, tag->content, first);
    c->open[first] = '\0';
    memcpy(c->close, second, length);
    c->close[length] = '\0';
    return true;
}

static bool open_node(struct compiler *c, bool blank_before)
{
    if (c->depth == TEMPLATE_MOST_NESTING)
        return fail(c, "more than %d sections are open at once", TEMPLATE_MOST_NESTING);
    c->nesting[c->depth] = (uint32_t)c->count - 1;
    c->blank_before[c->depth++] = blank_before;
    return true;
}

static bool set_indent(struct compiler *c, struct template_node *node, const char *from,
                       const char *to)
{
    if (to - from > TEMPLATE_MOST_INDENT)
        return fail(c, "the partial is indented by more than %d bytes", TEMPLATE_MOST_INDENT);
    node->text = from;
    node->length = (uint32_t)(to - from);
    return true;
}

/* If {{<x}} and {{/x}} are alone on their lines, the parent counts as a standalone partial: the
 * blanks before it become its indentation. */
static bool indent_parent(struct compiler *c, uint32_t index)
{
    struct template_node *parent = &c->nodes[index];
    parent->starts_line = false;
    parent->text = "";
    if (index == 0 || c->nodes[index - 1].kind != NODE_TEXT)
        return true;
    struct template_node *before = &c->nodes[index - 1];
    uint32_t blanks = 0;
    while (blanks < before->length && is_blank(before->text[before->length - 1 - blanks]))
        blanks++;
    const char *end = before->text + before->length;
    before->length -= blanks;
    before->starts_line = before->starts_line && before->length > 0;
    return set_indent(c, parent, end - blanks, end);
}

static bool close_node(struct compiler *c, const struct tag *tag, const char *name,
                       const char **next_line)
{
    if (c->depth == 0)
        return fail(c, "{{/%s}} closes nothing", name);
    uint32_t index = c->nesting[--c->depth];
    if (strcmp(c->nodes[index].name, name) != 0)
        return fail(c, "{{/%s}} stands where {{/%s}} of line %u is due", name, c->nodes[index].name,
                    (unsigned)c->nodes[index].line);
    if (c->nodes[index].kind == NODE_PARENT && c->blank_before[c->depth]) {
        *next_line = blank_line_end(c, tag->end);
        if (*next_line && !indent_parent(c, index))
            return false;
    }
    add_node(c, NODE_END, *next_line ? NULL : tag->start);
    c->nodes[index].end = (uint32_t)c->count - 1;
    return true;
}

static enum template_node_kind kind_of(const struct compiler *c, char sigil)
{
    switch (sigil) {
    case '#':
        return NODE_SECTION;
    case '^':
        return NODE_INVERTED;
    case '$':
        return NODE_BLOCK;
    case '<':
        return NODE_PARENT;
    case '>':
        return NODE_PARTIAL;
    case '&':
    case '{':
        return NODE_RAW_VARIABLE;
    default:
        return c->template->kind == TEMPLATE_TEXT ? NODE_RAW_VARIABLE : NODE_VARIABLE;
    }
}

/* Adds the node of a tag. `line` is the start of the line if the tag is alone on it, else NULL. */
static bool add_tag(struct compiler *c, const struct tag *tag, const char *name, const char *line)
{
    enum template_node_kind kind = kind_of(c, tag->sigil);
    if (kind == NODE_RAW_VARIABLE && c->template->kind == TEMPLATE_WORDING)
        return fail(c, "a wording is plain text, {{{%s}}} has no place in it", name);
    struct template_node *node = add_node(c, kind, line ? NULL : tag->start);
    node->name = name;
    switch (kind) {
    case NODE_PARTIAL:
        return !line || set_indent(c, node, line, tag->start);
    case NODE_PARENT:
        return open_node(c, blank_line_start(c, tag->start) != NULL);
    case NODE_BLOCK:
        return open_node(c, false);
    case NODE_SECTION:
    case NODE_INVERTED:
        return split_name(c, node) && open_node(c, false);
    case NODE_TEXT:
    case NODE_VARIABLE:
    case NODE_RAW_VARIABLE:
    case NODE_END:
        break;
    }
    return split_name(c, node);
}

static bool inside_parent(const struct compiler *c)
{
    return c->depth > 0 && c->nodes[c->nesting[c->depth - 1]].kind == NODE_PARENT;
}

/* For a tag alone on its line, if the specification removes the whole line for its kind: where the
 * text continues, and in *line where the line starts. Else NULL. */
static const char *line_behind(const struct compiler *c, const struct tag *tag, const char **line)
{
    *line = NULL;
    if (tag->sigil == 'v' || tag->sigil == '{' || tag->sigil == '&' || tag->sigil == '<')
        return NULL;
    const char *next = blank_line_end(c, tag->end);
    if (!next)
        return NULL;
    *line = blank_line_start(c, tag->start);
    /* Text around a block in a parent is dropped, so the block counts as alone on its line. */
    return *line || (tag->sigil == '$' && inside_parent(c)) ? next : NULL;
}

static bool take_tag(struct compiler *c, const struct tag *tag)
{
    const char *line, *next = line_behind(c, tag, &line), *name = NULL;
    add_text(c, line ? line : tag->start);
    if (tag->sigil == '=') {
        if (!set_delimiters(c, tag))
            return false;
    } else if (tag->sigil != '!') {
        if (!read_name(c, tag, &name))
            return false;
        if (tag->sigil == '/' ? !close_node(c, tag, name, &next) : !add_tag(c, tag, name, line))
            return false;
    }
    c->plain = next ? next : tag->end;
    return true;
}

static void trim(struct tag *tag)
{
    while (tag->length > 0 && (unsigned char)tag->content[0] <= ' ') {
        tag->content++;
        tag->length--;
    }
    while (tag->length > 0 && (unsigned char)tag->content[tag->length - 1] <= ' ')
        tag->length--;
}

static bool read_tag(struct compiler *c, const char *start, struct tag *ret_tag)
{
    const char *at = start + strlen(c->open), *close;
    char closing[DELIMITER_BYTES + 1];
    char sigil = at < c->end && *at && strchr("#^/><$&{!=", *at) ? *at++ : 'v';
    const char *before = sigil == '{' ? "}" : sigil == '=' ? "=" : "";
    snprintf(closing, sizeof closing, "%s%s", before, c->close);
    count_lines(c, start);
    if (!(close = find(at, c->end, closing)))
        return fail(c, "the tag is not closed by %s", closing);
    *ret_tag = (struct tag){.start = start,
                            .end = close + strlen(closing),
                            .sigil = sigil,
                            .content = at,
                            .length = (size_t)(close - at)};
    trim(ret_tag);
    return true;
}

static bool compile(struct compiler *c)
{
    const char *start;
    struct tag tag = {0};
    while ((start = find(c->plain, c->end, c->open)) != NULL)
        if (!read_tag(c, start, &tag) || !take_tag(c, &tag))
            return false;
    add_text(c, c->end);
    if (c->depth == 0)
        return true;
    const struct template_node *open = &c->nodes[c->nesting[c->depth - 1]];
    c->line = open->line;
    return fail(c, "the section {{#%s}} is not closed", open->name);
}

bool template_compile(struct template *template, const char *source, size_t length,
                      char ret_error[TEMPLATE_ERROR_BYTES])
{
    struct compiler c = {.template = template, .line = 1, .error = ret_error};
    if (length > TEMPLATE_MOST_BYTES)
        return fail(&c, "longer than %d bytes", TEMPLATE_MOST_BYTES);
    c.source = c.plain = c.counted = arena_copy_bytes(template->arena, source, length);
    c.end = c.source + length;
    memcpy(c.open, "{{", 3);
    memcpy(c.close, "}}", 3);
    bool good = compile(&c);
    if (good) {
        size_t bytes = c.count * sizeof *c.nodes;
        template->nodes = arena_alloc(template->arena, bytes + 1);
        template->node_count = c.count;
        if (bytes > 0)
            memcpy(template->nodes, c.nodes, bytes);
    }
    free(c.nodes);
    return good;
}
