#include "view/template_node.h"

#include <math.h>

#include "view/escape.h"

/* The blocks that a {{<parent}} passes to its target. */
struct arguments {
    const struct template *template;
    size_t parent; /* index of the node */
    const struct arguments *outer;
};

struct render {
    struct buffer *out;
    size_t before; /* length of `out` at the start */
    const struct template_options *options;
    const json_t *contexts[TEMPLATE_MOST_DEPTH + 2];
    unsigned context_count, depth, steps;
    const struct arguments *arguments;
    size_t indent_from, indent_to; /* the part of .indent to write before each line */
    char indent[(TEMPLATE_MOST_DEPTH + 1) * TEMPLATE_MOST_INDENT];
    struct buffer scratch;
};

/* A value and, if the name continues behind a number or string, the aspect. */
struct found {
    const json_t *value;
    const struct template_part *aspect;
};

static bool run(struct render *r, const struct template *template, size_t from, size_t to);

static const json_t *look_up(const struct render *r, const struct template_part *part)
{
    for (unsigned i = r->context_count; i > 0; i--) {
        const json_t *value = json_object_getn(r->contexts[i - 1], part->text, part->length);
        if (value)
            return value;
    }
    return NULL;
}

/* The part of a dotted name behind an object, or behind an array: "0" is its first element. */
static const json_t *member(const json_t *value, const struct template_part *part)
{
    if (!json_is_array(value))
        return json_object_getn(value, part->text, part->length);
    bool is_index = part->length == 1 && part->text[0] >= '0' && part->text[0] <= '9';
    return is_index ? json_array_get(value, (size_t)(part->text[0] - '0')) : NULL;
}

static struct found resolve(const struct render *r, const struct template_node *node)
{
    const json_t *value;
    if (node->part_count == 0)
        return (struct found){.value = r->contexts[r->context_count - 1]};
    value = look_up(r, &node->parts[0]);
    for (unsigned i = 1; i < node->part_count && value; i++) {
        bool last = i + 1 == node->part_count;
        if (last && (json_is_string(value) || json_is_number(value)))
            return (struct found){value, &node->parts[i]};
        value = member(value, &node->parts[i]);
    }
    return (struct found){.value = value};
}

static bool is_true(struct found found)
{
    if (found.aspect)
        return strcmp(found.aspect->text, "one") == 0 && json_is_integer(found.value) &&
               json_integer_value(found.value) == 1;
    switch (found.value ? json_typeof(found.value) : JSON_NULL) {
    case JSON_NULL:
    case JSON_FALSE:
        return false;
    case JSON_STRING:
        return json_string_length(found.value) > 0;
    case JSON_INTEGER:
        return json_integer_value(found.value) != 0;
    case JSON_REAL:
        return fpclassify(json_real_value(found.value)) != FP_ZERO;
    case JSON_ARRAY:
        return json_array_size(found.value) > 0;
    case JSON_OBJECT:
    case JSON_TRUE:
        break;
    }
    return true;
}

/* Writes the shortest text that reads back as the same number. */
static void add_real(struct buffer *out, double real)
{
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, real);
        double again = strtod(text, NULL);
        if (again >= real && again <= real)
            break;
    }
    buffer_add_text(out, text);
}

static void add_plain(struct buffer *out, const char *text, size_t length, bool raw)
{
    if (raw)
        buffer_add(out, text, length);
    else
        escape_html(out, text, length);
}

static void add_value(struct render *r, struct found found, bool raw)
{
    if (found.aspect) {
        buffer_clear(&r->scratch);
        if (r->options->format && r->options->format(r->options->format_context, found.value,
                                                     found.aspect->text, &r->scratch))
            add_plain(r->out, buffer_text(&r->scratch), r->scratch.length, raw);
        return;
    }
    switch (found.value ? json_typeof(found.value) : JSON_NULL) {
    case JSON_STRING:
        add_plain(r->out, json_string_value(found.value), json_string_length(found.value), raw);
        break;
    case JSON_INTEGER:
        buffer_printf(r->out, "%" JSON_INTEGER_FORMAT, json_integer_value(found.value));
        break;
    case JSON_REAL:
        add_real(r->out, json_real_value(found.value));
        break;
    case JSON_TRUE:
        buffer_add_text(r->out, "true");
        break;
    case JSON_FALSE:
        buffer_add_text(r->out, "false");
        break;
    case JSON_OBJECT:
    case JSON_ARRAY:
    case JSON_NULL:
        break;
    }
}

static void add_indent(struct render *r)
{
    buffer_add(r->out, r->indent + r->indent_from, r->indent_to - r->indent_from);
}

static void add_text(struct render *r, const char *text, size_t length)
{
    const char *end = text + length, *next;
    if (r->indent_to > r->indent_from)
        while ((next = memchr(text, '\n', (size_t)(end - text))) != NULL && next + 1 < end) {
            buffer_add(r->out, text, (size_t)(next + 1 - text));
            add_indent(r);
            text = next + 1;
        }
    buffer_add(r->out, text, (size_t)(end - text));
}

/* Runs the nodes between a node and its NODE_END, then the end, which may be indented. */
static bool run_body(struct render *r, const struct template *template, size_t index)
{
    return run(r, template, index + 1, template->nodes[index].end + 1);
}

static bool run_with(struct render *r, const json_t *context, const struct template *template,
                     size_t node)
{
    r->contexts[r->context_count++] = context;
    bool good = run_body(r, template, node);
    r->context_count--;
    return good;
}

static bool run_section(struct render *r, const struct template *template, size_t index)
{
    struct found found = resolve(r, &template->nodes[index]);
    if (!is_true(found))
        return true;
    if (!json_is_array(found.value))
        return run_with(r, found.value, template, index);
    for (size_t i = 0; i < json_array_size(found.value); i++)
        if (!run_with(r, json_array_get(found.value, i), template, index))
            return false;
    return true;
}

static bool run_target(struct render *r, const struct template_node *node)
{
    if (!node->target)
        return true;
    /* A tag alone on its line adds to the indentation; a tag within a line starts with none. */
    size_t from = r->indent_from, to = r->indent_to;
    if (!node->text)
        r->indent_from = to;
    if (node->length > 0)
        memcpy(r->indent + to, node->text, node->length);
    r->indent_to = to + node->length;
    bool good = run(r, node->target, 0, node->target->node_count);
    r->indent_from = from;
    r->indent_to = to;
    return good;
}

static bool run_parent(struct render *r, const struct template *template, size_t index)
{
    struct arguments arguments = {template, index, r->arguments};
    r->arguments = &arguments;
    bool good = run_target(r, &template->nodes[index]);
    r->arguments = arguments.outer;
    return good;
}

/* The node index of the argument with this name; 0: there is none. */
static size_t find_argument(const struct arguments *arguments, const char *name)
{
    const struct template_node *nodes = arguments->template->nodes;
    for (size_t i = arguments->parent + 1; i < nodes[arguments->parent].end; i++) {
        if (nodes[i].kind == NODE_BLOCK && strcmp(nodes[i].name, name) == 0)
            return i;
        if (nodes[i].end > i)
            i = nodes[i].end;
    }
    return 0;
}

/* The outermost parent that passes this block wins; else the block's own content is used. */
static bool run_block(struct render *r, const struct template *template, size_t index)
{
    size_t winner = index;
    const char *name = template->nodes[index].name;
    for (const struct arguments *a = r->arguments; a; a = a->outer) {
        size_t found = find_argument(a, name);
        if (found > 0) {
            winner = found;
            template = a->template;
        }
    }
    return run_body(r, template, winner);
}

static bool run_node(struct render *r, const struct template *template, size_t index)
{
    const struct template_node *node = &template->nodes[index];
    switch (node->kind) {
    case NODE_TEXT:
        add_text(r, node->text, node->length);
        return true;
    case NODE_VARIABLE:
    case NODE_RAW_VARIABLE:
        add_value(r, resolve(r, node), node->kind == NODE_RAW_VARIABLE);
        return true;
    case NODE_SECTION:
        return run_section(r, template, index);
    case NODE_INVERTED:
        return is_true(resolve(r, node)) || run_body(r, template, index);
    case NODE_BLOCK:
        return run_block(r, template, index);
    case NODE_PARENT:
        return run_parent(r, template, index);
    case NODE_PARTIAL:
        return run_target(r, node);
    case NODE_END:
        break;
    }
    return true;
}

/* Every nesting (section, block, partial, parent) calls this function, so it checks the depth. That
 * also limits contexts and indentation. */
static bool run(struct render *r, const struct template *template, size_t from, size_t to)
{
    if (r->depth == TEMPLATE_MOST_DEPTH)
        return false;
    r->depth++;
    bool good = true;
    for (size_t i = from; i < to && good; i++) {
        const struct template_node *node = &template->nodes[i];
        good =
            ++r->steps <= TEMPLATE_MOST_STEPS && r->out->length - r->before <= TEMPLATE_MOST_OUTPUT;
        if (node->starts_line)
            add_indent(r);
        good = good && run_node(r, template, i);
        if (node->end > i)
            i = node->end;
    }
    r->depth--;
    return good;
}

bool template_render(const struct template *template, const json_t *shared, const json_t *data,
                     struct buffer *out)
{
    struct render r;
    r.out = out;
    r.before = out->length;
    r.options = template->options;
    r.contexts[0] = shared;
    r.contexts[1] = data;
    r.context_count = 2;
    r.depth = r.steps = 0;
    r.arguments = NULL;
    r.indent_from = r.indent_to = 0;
    buffer_init(&r.scratch);
    bool good = run(&r, template, 0, template->node_count);
    buffer_finish(&r.scratch);
    if (!good && out->bytes) {
        out->length = r.before;
        out->bytes[out->length] = '\0';
    }
    return good;
}
