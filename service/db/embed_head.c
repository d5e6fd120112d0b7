#include "db/embed_head.h"

#include <ctype.h>
#include <stdbool.h>

/* Where the reading stands. */
struct reader {
    const char *path, *at;
    int line;
    bool rows_go_on; /* the line before ended its list of columns with a comma */
    struct embed_head *head;
};

void embed_fail(const char *path, int line, const char *reason)
{
    if (line > 0)
        fprintf(stderr, "%s:%d: %s\n", path, line, reason);
    else
        fprintf(stderr, "%s: %s\n", path, reason);
    exit(1);
}

static _Noreturn void fail(const struct reader *reader, const char *reason)
{
    embed_fail(reader->path, reader->line, reason);
}

/* A copy of the text between the two, less the blanks at both ends. */
static char *copy_trimmed(const char *start, const char *end)
{
    while (start < end && isspace((unsigned char)*start))
        start++;
    while (end > start && isspace((unsigned char)end[-1]))
        end--;
    char *copy = strndup(start, (size_t)(end - start));
    if (!copy)
        abort();
    return copy;
}

static bool is_word(const char *text)
{
    return islower((unsigned char)*text) &&
           text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

/* Types as format_type() writes them: words, "[]", and quotes for names that need them. */
static bool is_type(const char *text)
{
    return islower((unsigned char)*text) &&
           text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_ .[]")] == '\0';
}

static void add_value(const struct reader *reader, struct embed_value *values, int *count, int most,
                      struct embed_value value)
{
    if (!is_word(value.name))
        fail(reader, "a name is lower-case letters, digits and underscores");
    if (!is_type(value.type))
        fail(reader, "a type is missing or not written as format_type() does");
    for (int i = 0; i < *count; i++) {
        if (strcmp(values[i].name, value.name) == 0)
            fail(reader, "the name is declared twice");
    }
    if (*count == most)
        fail(reader, "declares too many parameters or columns");
    values[(*count)++] = value;
}

/* "$1 event_id: uuid" */
static void read_parameter(struct reader *reader, const char *start, const char *end)
{
    struct embed_head *head = reader->head;
    char *after;
    long number = strtol(start + 1, &after, 10);
    const char *colon = memchr(start, ':', (size_t)(end - start));
    if (after == start + 1 || !colon)
        fail(reader, "a parameter is declared as \"-- $1 name: type\"");
    if (number != head->parameter_count + 1)
        fail(reader, "parameters are numbered from $1 in order");
    add_value(reader, head->parameters, &head->parameter_count, STATEMENT_PARAMETERS_MOST,
              (struct embed_value){copy_trimmed(after, colon), copy_trimmed(colon + 1, end)});
}

/* "ordinal integer" */
static void read_column(struct reader *reader, const char *start, const char *end)
{
    struct embed_head *head = reader->head;
    while (start < end && isspace((unsigned char)*start))
        start++;
    const char *blank = start;
    while (blank < end && !isspace((unsigned char)*blank))
        blank++;
    add_value(reader, head->columns, &head->column_count, STATEMENT_COLUMNS_MOST,
              (struct embed_value){copy_trimmed(start, blank), copy_trimmed(blank, end)});
}

static void read_columns(struct reader *reader, const char *start, const char *end)
{
    while (end > start && isspace((unsigned char)end[-1]))
        end--;
    if (end - start >= 4 && strncmp(end - 4, "none", 4) == 0 &&
        strspn(start, " ") == (size_t)(end - 4 - start))
        return;
    reader->rows_go_on = end > start && end[-1] == ',';
    end -= reader->rows_go_on;
    while (start < end) {
        const char *comma = memchr(start, ',', (size_t)(end - start));
        read_column(reader, start, comma ? comma : end);
        start = comma ? comma + 1 : end;
    }
}

static void read_comment(struct reader *reader, const char *start, const char *end)
{
    static const char rows[] = "rows:";
    while (start < end && isspace((unsigned char)*start))
        start++;
    if (start < end && *start == '$')
        read_parameter(reader, start, end);
    else if ((size_t)(end - start) >= strlen(rows) && strncmp(start, rows, strlen(rows)) == 0)
        read_columns(reader, start + strlen(rows), end);
    else if (reader->rows_go_on)
        read_columns(reader, start, end);
}

static void read_comments(struct reader *reader)
{
    while (strncmp(reader->at, "--", 2) == 0) {
        const char *end = reader->at + strcspn(reader->at, "\n");
        read_comment(reader, reader->at + 2, end);
        reader->at = *end ? end + 1 : end;
        reader->line++;
    }
    if (reader->rows_go_on)
        fail(reader, "the list of columns ends with a comma");
}

/* Past a quoted text; in E'…' a backslash protects what follows. */
static void skip_quoted(struct reader *reader, char quote, bool backslashes)
{
    for (reader->at++; *reader->at && *reader->at != quote; reader->at++) {
        reader->line += *reader->at == '\n';
        if (backslashes && *reader->at == '\\' && reader->at[1])
            reader->at++;
    }
    if (!*reader->at)
        fail(reader, "a quote is not closed");
    reader->at++;
}

static void skip_until(struct reader *reader, const char *mark, size_t length)
{
    while (*reader->at && strncmp(reader->at, mark, length) != 0)
        reader->line += *reader->at++ == '\n';
    if (!*reader->at)
        fail(reader, "a comment or a quote is not closed");
    reader->at += length;
}

static void use_parameter(struct reader *reader, bool used[STATEMENT_PARAMETERS_MOST])
{
    char *after;
    long number = strtol(reader->at + 1, &after, 10);
    if (number < 1 || number > reader->head->parameter_count)
        fail(reader, "the SQL uses a parameter that its head does not declare");
    used[number - 1] = true;
    reader->at = after;
}

/* "$tag$ … $tag$"; false where it is none. */
static bool skip_dollars(struct reader *reader)
{
    const char *tag = reader->at, *end = tag + 1;
    while (isalnum((unsigned char)*end) || *end == '_')
        end++;
    if (*end != '$')
        return false;
    reader->at = end + 1;
    skip_until(reader, tag, (size_t)(end + 1 - tag));
    return true;
}

static void skip_plain(struct reader *reader)
{
    bool in_word = false;
    do {
        in_word = isalnum((unsigned char)*reader->at) || *reader->at == '_';
        reader->line += *reader->at++ == '\n';
        /* A dollar within a word belongs to the word. */
    } while (in_word &&
             (isalnum((unsigned char)*reader->at) || *reader->at == '_' || *reader->at == '$'));
}

/* Which parameters the SQL uses, past its texts and comments. */
static void scan_body(struct reader *reader, bool used[STATEMENT_PARAMETERS_MOST])
{
    while (*reader->at) {
        char c = *reader->at;
        if (c == '\'' || c == '"')
            skip_quoted(reader, c, false);
        else if ((c == 'E' || c == 'e') && reader->at[1] == '\'')
            reader->at++, skip_quoted(reader, '\'', true);
        else if (c == '-' && reader->at[1] == '-')
            reader->at += strcspn(reader->at, "\n");
        else if (c == '/' && reader->at[1] == '*')
            skip_until(reader, "*/", 2);
        else if (c == '$' && isdigit((unsigned char)reader->at[1]))
            use_parameter(reader, used);
        else if (c != '$' || !skip_dollars(reader))
            skip_plain(reader);
    }
}

static void measure_body(struct reader *reader, const char *text)
{
    const char *end = text + strlen(text);
    while (isspace((unsigned char)*reader->at))
        reader->line += *reader->at++ == '\n';
    while (end > reader->at && (isspace((unsigned char)end[-1]) || end[-1] == ';'))
        end--;
    if (end == reader->at)
        fail(reader, "there is no SQL in it");
    reader->head->body = (size_t)(reader->at - text);
    reader->head->body_length = (size_t)(end - reader->at);
}

void embed_head_parse(const char *path, const char *text, struct embed_head *ret_head)
{
    *ret_head = (struct embed_head){0};
    struct reader reader = {.path = path, .at = text, .line = 1, .head = ret_head};
    bool used[STATEMENT_PARAMETERS_MOST] = {false};
    read_comments(&reader);
    measure_body(&reader, text);
    scan_body(&reader, used);
    for (int i = 0; i < ret_head->parameter_count; i++) {
        if (!used[i])
            embed_fail(path, 0, "its head declares a parameter that the SQL does not use");
    }
}

static void finish_values(struct embed_value *values, int count)
{
    for (int i = 0; i < count; i++) {
        free(values[i].name);
        free(values[i].type);
    }
}

void embed_head_finish(struct embed_head *head)
{
    finish_values(head->parameters, head->parameter_count);
    finish_values(head->columns, head->column_count);
}
