/*
 * A tool of the build: writes a YAML file as JSON.
 *
 *     yaml_json INPUT OUTPUT
 *
 * Plain scalars are read by the core schema of YAML 1.2 (section 10.3), whatever is quoted stays
 * text. A number has to be written as JSON writes it; one document, no name twice in a mapping.
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { DEPTH_MOST = 64 };

struct conversion {
    const char *path;
    yaml_document_t document;
    FILE *out;
};

static _Noreturn void give_up(const char *path, size_t line, const char *reason)
{
    fprintf(stderr, "yaml_json: %s:%zu: %s\n", path, line, reason);
    exit(1);
}

static _Noreturn void refuse(const struct conversion *conversion, const yaml_node_t *node,
                             const char *reason)
{
    give_up(conversion->path, node->start_mark.line + 1, reason);
}

static bool is_one_of(const char *text, const char *const *words)
{
    while (*words && strcmp(*words, text) != 0)
        words++;
    return *words != NULL;
}

static const char *digits(const char *at)
{
    while (isdigit((unsigned char)*at))
        at++;
    return at;
}

/* RFC 8259 section 6. */
static bool is_json_number(const char *text)
{
    const char *at = text + (*text == '-'), *end = digits(at);
    if (end == at || (*at == '0' && end > at + 1))
        return false;
    if (*end == '.') {
        at = end + 1;
        end = digits(at);
        if (end == at)
            return false;
    }
    if (*end == 'e' || *end == 'E') {
        at = end + 1 + (end[1] == '+' || end[1] == '-');
        end = digits(at);
        if (end == at)
            return false;
    }
    return *end == '\0';
}

/* What the core schema reads as a number and JSON does not: 0x1f, 0o17, +1, 007, .5, 1., .inf. */
static bool is_other_number(const char *text)
{
    static const char *const words[] = {".nan", ".NaN", ".NAN", NULL};
    static const char *const infinities[] = {".inf", ".Inf", ".INF", NULL};
    const char *unsigned_text = text + (*text == '-' || *text == '+');
    if (is_one_of(text, words) || is_one_of(unsigned_text, infinities))
        return true;
    if (text[0] == '0' && text[1] == 'x')
        return text[2] && text[2 + strspn(text + 2, "0123456789abcdefABCDEF")] == '\0';
    if (text[0] == '0' && text[1] == 'o')
        return text[2] && text[2 + strspn(text + 2, "01234567")] == '\0';
    char *end;
    bool starts_well = isdigit((unsigned char)*unsigned_text) ||
                       (*unsigned_text == '.' && isdigit((unsigned char)unsigned_text[1]));
    strtod(text, &end);
    return starts_well && *end == '\0';
}

static void write_text(FILE *out, const char *text, size_t length)
{
    putc('"', out);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte == '"' || byte == '\\')
            fprintf(out, "\\%c", byte);
        else if (byte == '\n')
            fputs("\\n", out);
        else if (byte < ' ')
            fprintf(out, "\\u%04x", byte);
        else
            putc(byte, out);
    }
    putc('"', out);
}

static void write_scalar(const struct conversion *conversion, const yaml_node_t *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const truths[] = {"true", "True", "TRUE", NULL};
    static const char *const falsehoods[] = {"false", "False", "FALSE", NULL};
    const char *text = (const char *)node->data.scalar.value;
    FILE *out = conversion->out;
    if (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        write_text(out, text, node->data.scalar.length);
    else if (is_one_of(text, nulls))
        fputs("null", out);
    else if (is_one_of(text, truths))
        fputs("true", out);
    else if (is_one_of(text, falsehoods))
        fputs("false", out);
    else if (is_json_number(text))
        fputs(text, out);
    else if (is_other_number(text))
        refuse(conversion, node, "write this number as JSON does, or quote it");
    else
        write_text(out, text, node->data.scalar.length);
}

static yaml_node_t *node_at(const struct conversion *conversion, int index)
{
    return yaml_document_get_node((yaml_document_t *)&conversion->document, index);
}

static void write_node(const struct conversion *conversion, const yaml_node_t *node, int depth);

static void write_sequence(const struct conversion *conversion, const yaml_node_t *node, int depth)
{
    const yaml_node_item_t *first = node->data.sequence.items.start;
    putc('[', conversion->out);
    for (const yaml_node_item_t *item = first; item < node->data.sequence.items.top; item++) {
        if (item > first)
            putc(',', conversion->out);
        write_node(conversion, node_at(conversion, *item), depth);
    }
    putc(']', conversion->out);
}

static bool is_same_key(const yaml_node_t *a, const yaml_node_t *b)
{
    return a->data.scalar.length == b->data.scalar.length &&
           memcmp(a->data.scalar.value, b->data.scalar.value, a->data.scalar.length) == 0;
}

static void write_key(const struct conversion *conversion, const yaml_node_pair_t *first,
                      const yaml_node_pair_t *pair)
{
    const yaml_node_t *key = node_at(conversion, pair->key);
    if (key->type != YAML_SCALAR_NODE)
        refuse(conversion, key, "JSON has only text for names");
    for (const yaml_node_pair_t *earlier = first; earlier < pair; earlier++) {
        if (is_same_key(node_at(conversion, earlier->key), key))
            refuse(conversion, key, "this name is there already");
    }
    if (pair > first)
        putc(',', conversion->out);
    write_text(conversion->out, (const char *)key->data.scalar.value, key->data.scalar.length);
    putc(':', conversion->out);
}

static void write_mapping(const struct conversion *conversion, const yaml_node_t *node, int depth)
{
    const yaml_node_pair_t *first = node->data.mapping.pairs.start;
    putc('{', conversion->out);
    for (const yaml_node_pair_t *pair = first; pair < node->data.mapping.pairs.top; pair++) {
        write_key(conversion, first, pair);
        write_node(conversion, node_at(conversion, pair->value), depth);
    }
    putc('}', conversion->out);
}

static void write_node(const struct conversion *conversion, const yaml_node_t *node, int depth)
{
    if (depth > DEPTH_MOST) /* an alias may point at what it is in */
        refuse(conversion, node, "this is nested too deeply");
    if (node->type == YAML_SCALAR_NODE)
        write_scalar(conversion, node);
    else if (node->type == YAML_SEQUENCE_NODE)
        write_sequence(conversion, node, depth + 1);
    else
        write_mapping(conversion, node, depth + 1);
}

static void load(yaml_parser_t *parser, const char *path, yaml_document_t *document)
{
    if (!yaml_parser_load(parser, document))
        give_up(path, parser->problem_mark.line + 1, parser->problem ? parser->problem : "?");
}

static void convert(struct conversion *conversion, FILE *in)
{
    yaml_parser_t parser;
    yaml_document_t further;
    if (!yaml_parser_initialize(&parser))
        give_up(conversion->path, 0, "no memory");
    yaml_parser_set_input_file(&parser, in);
    load(&parser, conversion->path, &conversion->document);
    const yaml_node_t *root = yaml_document_get_root_node(&conversion->document);
    if (!root)
        give_up(conversion->path, 1, "there is no document");
    write_node(conversion, root, 0);
    load(&parser, conversion->path, &further);
    if (yaml_document_get_root_node(&further))
        give_up(conversion->path, further.start_mark.line + 1, "there is a second document");
    yaml_document_delete(&further);
    yaml_document_delete(&conversion->document);
    yaml_parser_delete(&parser);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        give_up("usage", 0, "yaml_json INPUT OUTPUT");
    FILE *in = fopen(argv[1], "rb");
    if (!in)
        give_up(argv[1], 0, strerror(errno));
    struct conversion conversion = {.path = argv[1], .out = fopen(argv[2], "wb")};
    if (!conversion.out)
        give_up(argv[2], 0, strerror(errno));
    convert(&conversion, in);
    fclose(in);
    if (fclose(conversion.out) != 0)
        give_up(argv[2], 0, strerror(errno));
    return 0;
}
