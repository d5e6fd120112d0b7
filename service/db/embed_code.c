#include "db/embed_code.h"

#include <ctype.h>

/* How a value of a type is given to a statement. */
struct kind {
    const char *type, *member, *ending, *setter;
    const char *nullable; /* the member of one that may be null, where that differs */
};

static const struct kind kinds[] = {
    {"text", "const char *", "", "text", NULL},
    {"jsonb", "const char *", "", "text", NULL},
    {"uuid", "const struct id *", "", "id", NULL},
    {"bytea", "struct params_bytes ", "", "bytes", NULL},
    {"integer", "int64_t ", "", "number", "const int64_t *"},
    {"bigint", "int64_t ", "", "number", "const int64_t *"},
    {"boolean", "bool ", "", "bool", "const bool *"},
    {"timestamp with time zone", "int64_t ", "_us", "time", "const int64_t *"},
};

static const struct kind *kind_of(const char *type)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].type, type) == 0)
            return &kinds[i];
    }
    return NULL;
}

static int find_set(const struct embed_sets *sets, const char *name)
{
    int i = 0;
    while (i < sets->count && strcmp(sets->list[i].name, name) != 0)
        i++;
    return i;
}

static void empty_set(struct embed_set *set)
{
    for (int i = 0; i < set->count; i++)
        free(set->words[i]);
    set->count = 0;
}

static struct embed_set *open_set(struct embed_sets *sets, const char *path, char *name)
{
    int at = find_set(sets, name);
    if (at == EMBED_ALL_SETS_MOST)
        embed_fail(path, 0, "there are too many sets of words");
    if (at == sets->count)
        sets->list[sets->count++].name = name;
    else
        free(name);
    return &sets->list[at];
}

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \n");
}

/* From "(": "('in', 'out')". */
static void read_type_words(struct embed_set *set, const char *path, const char *at)
{
    empty_set(set);
    do {
        at = skip_blanks(at + 1);
        const char *end = *at == '\'' ? strchr(at + 1, '\'') : NULL;
        if (!end || !embed_add_word(set, embed_copy(at + 1, end)))
            embed_fail(path, 0, "a type's words cannot be read");
        at = skip_blanks(end + 1);
    } while (*at == ',');
}

void embed_sets_read_types(struct embed_sets *sets, const char *path, const char *sql)
{
    static const char create[] = "create type ", as_enum[] = "as enum";
    for (const char *at = sql; (at = strstr(at, create));) {
        at += strlen(create);
        const char *name = at;
        at += strcspn(at, " ");
        const char *after = skip_blanks(at);
        if (strncmp(after, as_enum, strlen(as_enum)) != 0)
            continue;
        struct embed_set *set = open_set(sets, path, embed_copy(name, at));
        sets->is_type[set - sets->list] = true;
        read_type_words(set, path, after + strcspn(after, "("));
    }
}

static void use_types(struct embed_sets *sets, const struct embed_value *values, int count)
{
    for (int i = 0; i < count; i++) {
        int at = find_set(sets, values[i].type);
        if (at < sets->count && sets->is_type[at])
            sets->is_used[at] = true;
    }
}

void embed_sets_add(struct embed_sets *sets, const char *path, const struct embed_head *head)
{
    use_types(sets, head->parameters, head->parameter_count);
    use_types(sets, head->columns, head->column_count);
    for (int i = 0; i < head->set_count; i++) {
        const struct embed_set *declared = &head->sets[i];
        const char *end = declared->name + strlen(declared->name);
        struct embed_set *set = open_set(sets, path, embed_copy(declared->name, end));
        bool is_type = sets->is_type[set - sets->list];
        sets->is_used[set - sets->list] = true;
        for (int word = 0; word < declared->count; word++) {
            const char *text = declared->words[word];
            if (embed_has_word(set, text))
                continue;
            if (is_type)
                embed_fail(path, 0, "declares a word that the database's type does not have");
            if (!embed_add_word(set, embed_copy(text, text + strlen(text))))
                embed_fail(path, 0, "a set has too many words");
        }
    }
}

void embed_sets_finish(struct embed_sets *sets)
{
    for (int i = 0; i < sets->count; i++) {
        empty_set(&sets->list[i]);
        free(sets->list[i].name);
    }
}

static void write_upper(FILE *out, const char *text)
{
    for (; *text; text++)
        fputc(toupper((unsigned char)*text), out);
}

static void write_constant(FILE *out, const char *set, const char *word)
{
    write_upper(out, set);
    fputc('_', out);
    write_upper(out, word);
}

static void write_set(FILE *h, FILE *c, const struct embed_set *set)
{
    const char *name = set->name;
    fprintf(h, "enum %s {\n", name);
    fprintf(c, "static const char *const %s_names[] = {\n    \"none\",\n", name);
    for (int i = -1; i < set->count; i++) {
        const char *word = i < 0 ? "none" : set->words[i];
        fputs("    ", h);
        write_constant(h, name, word);
        fputs(",\n", h);
        if (i >= 0)
            fprintf(c, "    \"%s\",\n", word);
    }
    fprintf(h, "};\nconst char *%s_name(enum %s word);\nenum %s %s_parse(const char *name);\n\n",
            name, name, name, name);
    fprintf(c,
            "};\n\nconst char *%s_name(enum %s word)\n{\n    return %s_names[word];\n}\n\n"
            "enum %s %s_parse(const char *name)\n{\n"
            "    return (enum %s)words_parse(%s_names, %d, name);\n}\n\n",
            name, name, name, name, name, name, name, set->count + 1);
}

void embed_write_sets(FILE *h, FILE *c, const struct embed_sets *sets)
{
    for (int i = 0; i < sets->count; i++) {
        if (sets->is_used[i])
            write_set(h, c, &sets->list[i]);
    }
}

void embed_write_string(FILE *out, const char *text, size_t length)
{
    fputs("\n        \"", out);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\n')
            fputs(i + 1 < length ? "\\n\"\n        \"" : "\\n", out);
        else if (c == '"' || c == '\\' || c == '?')
            fprintf(out, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f)
            fprintf(out, "\\%03o", c);
        else
            fputc(c, out);
    }
    fputs("\"", out);
}

static void write_values(FILE *out, const char *symbol, const char *what,
                         const struct embed_value *values, int count)
{
    if (count == 0)
        return;
    fprintf(out, "static const struct statement_value %s_%s[] = {\n", symbol, what);
    for (int i = 0; i < count; i++)
        fprintf(out, "    {\"%s\", \"%s%s\"},\n", values[i].name, values[i].type,
                values[i].is_array ? "[]" : "");
    fprintf(out, "};\n");
}

static void write_definition(FILE *c, const char *name, const char *symbol,
                             const struct embed_head *head, const char *sql)
{
    write_values(c, symbol, "parameters", head->parameters, head->parameter_count);
    write_values(c, symbol, "columns", head->columns, head->column_count);
    fprintf(c, "static const struct statement sql_%s = {\n    .name = \"%s\",\n    .sql =", symbol,
            name);
    /* So that pg_stat_activity says whose statement it is. */
    fprintf(c, "\n        \"/* %s */\\n\"", name);
    embed_write_string(c, sql + head->body, head->body_length);
    fprintf(c, ",\n    .parameter_count = %d,\n    .column_count = %d,\n", head->parameter_count,
            head->column_count);
    if (head->parameter_count > 0)
        fprintf(c, "    .parameters = %s_parameters,\n", symbol);
    if (head->column_count > 0)
        fprintf(c, "    .columns = %s_columns,\n", symbol);
    fprintf(c, "};\n\n");
}

/* "const char *name" or "enum role role". */
static void write_member(FILE *h, const struct embed_sets *sets, const char *path,
                         const struct embed_value *value)
{
    const struct kind *kind = kind_of(value->type);
    int set = find_set(sets, value->type);
    if (kind)
        fprintf(h, "%s%s%s", value->may_be_null && kind->nullable ? kind->nullable : kind->member,
                value->name, kind->ending);
    else if (set < sets->count && sets->is_type[set])
        fprintf(h, "enum %s %s", value->type, value->name);
    else
        embed_fail(path, 0, "a parameter has a type that C has no member for");
}

/* `from`: what the member is read from, "given->" or nothing. */
static void write_setter(FILE *c, const struct embed_value *value, int at, const char *from)
{
    const struct kind *kind = kind_of(value->type);
    const char *add = value->is_array ? "add_" : "", *name = value->name;
    if (!kind && value->may_be_null)
        fprintf(c, "    params_%stext(params, %d, %s%s ? %s_name(%s%s) : NULL);\n", add, at, from,
                name, value->type, from, name);
    else if (!kind)
        fprintf(c, "    params_%stext(params, %d, %s_name(%s%s));\n", add, at, value->type, from,
                name);
    else if (value->may_be_null && kind->nullable)
        fprintf(c,
                "    if (%s%s%s)\n        params_%s%s(params, %d, *%s%s%s);\n"
                "    else\n        params_%stext(params, %d, NULL);\n",
                from, name, kind->ending, add, kind->setter, at, from, name, kind->ending, add, at);
    else if (strcmp(kind->setter, "bytes") == 0)
        fprintf(c, "    params_%sbytes(params, %d, %s%s.bytes, %s%s.length);\n", add, at, from,
                name, from, name);
    else
        fprintf(c, "    params_%s%s(params, %d, %s%s%s);\n", add, kind->setter, at, from, name,
                kind->ending);
}

static void write_struct(FILE *h, const struct embed_sets *sets, const char *path, const char *name,
                         const struct embed_value *values, int count)
{
    fprintf(h, "struct %s {\n", name);
    for (int i = 0; i < count; i++) {
        fputs("    ", h);
        write_member(h, sets, path, &values[i]);
        fputs(";\n", h);
    }
    fprintf(h, "};\n");
}

/* The single values of a statement, in the order of `ret_values`; how many there are. */
static int list_single(const struct embed_head *head,
                       struct embed_value ret_values[STATEMENT_PARAMETERS_MOST])
{
    int count = 0;
    for (int i = 0; i < head->parameter_count; i++) {
        if (!head->parameters[i].is_array)
            ret_values[count++] = head->parameters[i];
    }
    return count;
}

static void write_params(FILE *h, FILE *c, const struct embed_sets *sets, const char *path,
                         const char *symbol, const struct embed_head *head)
{
    struct embed_value single[STATEMENT_PARAMETERS_MOST];
    int count = list_single(head, single);
    if (count > 0) {
        write_struct(h, sets, path, symbol, single, count);
        fprintf(h, "struct params *%s_params(const struct %s *given);\n", symbol, symbol);
        fprintf(c, "struct params *%s_params(const struct %s *given)\n{\n", symbol, symbol);
    } else {
        fprintf(h, "struct params *%s_params(void);\n", symbol);
        fprintf(c, "struct params *%s_params(void)\n{\n", symbol);
    }
    fprintf(c, "    struct params *params = params_for(&sql_%s);\n", symbol);
    for (int i = 0; i < head->parameter_count; i++) {
        if (head->parameters[i].is_array)
            fprintf(c, "    params_array(params, %d);\n", i + 1);
        else
            write_setter(c, &head->parameters[i], i + 1, "given->");
    }
    fprintf(c, "    return params;\n}\n\n");
}

/* A row of one value takes the value, a longer one a struct. */
static void write_row(FILE *h, FILE *c, const struct embed_sets *sets, const char *path,
                      const char *symbol, const struct embed_head *head,
                      const struct embed_row *row)
{
    const struct embed_value *values = head->parameters + row->first;
    int count = row->last - row->first + 1;
    FILE *both[] = {h, c};
    if (count > 1) {
        char name[200];
        snprintf(name, sizeof name, "%s_%s", symbol, row->name);
        write_struct(h, sets, path, name, values, count);
    }
    for (int i = 0; i < 2; i++) {
        fprintf(both[i], "void %s_add_%s(struct params *params, ", symbol, row->name);
        if (count > 1)
            fprintf(both[i], "const struct %s_%s *given)", symbol, row->name);
        else
            write_member(both[i], sets, path, values), fputc(')', both[i]);
    }
    fprintf(h, ";\n");
    fprintf(c, "\n{\n    params_expect(params, &sql_%s);\n", symbol);
    for (int i = 0; i < count; i++)
        write_setter(c, &values[i], row->first + i + 1, count > 1 ? "given->" : "");
    fprintf(c, "}\n\n");
}

/* `set`: the words that this statement may give; NULL: all of the type. */
static void write_reader(FILE *h, FILE *c, const char *name, const char *symbol, const char *column,
                         const char *type, const struct embed_set *set, int names)
{
    fprintf(h, "enum %s %s_%s(const struct rows *rows, int row);\n", type, symbol, column);
    fprintf(c, "enum %s %s_%s(const struct rows *rows, int row)\n{\n", type, symbol, column);
    if (set) {
        fprintf(c, "    static const int declared[] = {");
        for (int i = 0; i < set->count; i++) {
            write_constant(c, type, set->words[i]);
            fputs(", ", c);
        }
        fprintf(c, "0};\n");
    }
    fprintf(c,
            "    return (enum %s)words_read(rows, row, &(struct words_column){\n"
            "        .statement = \"%s\", .column = \"%s\", .names = %s_names, .count = %d, "
            ".declared = %s});\n}\n\n",
            type, name, column, type, names, set ? "declared" : "NULL");
}

static void write_readers(FILE *h, FILE *c, const struct embed_sets *sets, const char *name,
                          const char *symbol, const struct embed_head *head)
{
    for (int i = 0; i < head->column_count; i++) {
        const struct embed_value *column = &head->columns[i];
        const struct embed_set *declared = embed_set_of(head, column->name);
        const char *type = declared ? declared->name : column->type;
        int at = find_set(sets, type);
        if (at < sets->count && (declared || sets->is_type[at]))
            write_reader(h, c, name, symbol, column->name, type, declared,
                         sets->list[at].count + 1);
    }
}

void embed_write_statement(FILE *h, FILE *c, const struct embed_sets *sets, const char *path,
                           const char *name, const char *symbol, const struct embed_head *head,
                           const char *sql)
{
    write_definition(c, name, symbol, head, sql);
    fprintf(h, "/* %s.sql */\n", name);
    write_params(h, c, sets, path, symbol, head);
    for (int i = 0; i < head->row_count; i++)
        write_row(h, c, sets, path, symbol, head, &head->rows[i]);
    write_readers(h, c, sets, name, symbol, head);
    fputc('\n', h);
}
