#include "db/embed_head.h"

#include <ctype.h>

/* Where the reading stands. */
struct reader {
    const char *path, *at;
    int line;
    bool columns_go_on; /* the line before ended its list of columns with a comma */
    bool words_go_on;   /* it ended its list of words with a bar */
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

char *embed_copy(const char *start, const char *end)
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

bool embed_is_word(const char *text)
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

bool embed_has_word(const struct embed_set *set, const char *word)
{
    for (int i = 0; i < set->count; i++) {
        if (strcmp(set->words[i], word) == 0)
            return true;
    }
    return false;
}

bool embed_add_word(struct embed_set *set, char *word)
{
    if (embed_has_word(set, word))
        return true;
    if (set->count == EMBED_WORDS_MOST)
        return false;
    set->words[set->count++] = word;
    return true;
}

const struct embed_set *embed_set_of(const struct embed_head *head, const char *column)
{
    for (int i = 0; i < head->set_count; i++) {
        if (strcmp(head->sets[i].column, column) == 0)
            return &head->sets[i];
    }
    return NULL;
}

static void add_value(const struct reader *reader, struct embed_value *values, int *count, int most,
                      struct embed_value value)
{
    if (!embed_is_word(value.name))
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

/* Takes the ending away where the type has it. */
static bool has_ending(char *type, const char *ending)
{
    size_t length = strlen(type), less = strlen(ending);
    if (length <= less || strcmp(type + length - less, ending) != 0)
        return false;
    type[length - less] = '\0';
    return true;
}

/* "$1 event_id: uuid", "$2 names: text[]", "$3 most: integer or null" */
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
    struct embed_value value = {.name = embed_copy(after, colon),
                                .type = embed_copy(colon + 1, end)};
    value.may_be_null = has_ending(value.type, " or null");
    value.is_array = has_ending(value.type, "[]");
    add_value(reader, head->parameters, &head->parameter_count, STATEMENT_PARAMETERS_MOST, value);
}

/* "row attendee: $11 to $18", "row event: $1" */
static void read_row(struct reader *reader, const char *start, const char *end)
{
    struct embed_head *head = reader->head;
    const char *colon = memchr(start, ':', (size_t)(end - start));
    int first = 0, last = 0, read = 0;
    char *numbers = embed_copy(colon + 1, end);
    if (sscanf(numbers, "$%d to $%d%n", &first, &last, &read) < 2 &&
        sscanf(numbers, "$%d%n", &first, &read) == 1)
        last = first;
    if (first < 1 || last < first || numbers[read] != '\0')
        fail(reader, "a row is declared as \"-- row name: $1 to $4\"");
    if (head->row_count == EMBED_ROWS_MOST)
        fail(reader, "declares too many rows");
    head->rows[head->row_count++] =
        (struct embed_row){.name = embed_copy(start, colon), .first = first - 1, .last = last - 1};
    free(numbers);
}

/* "cancelled (also when it was) | not_found": what stands in brackets is for people. */
static void read_words(struct reader *reader, const char *start, const char *end)
{
    struct embed_set *set = &reader->head->sets[reader->head->set_count - 1];
    while (end > start && isspace((unsigned char)end[-1]))
        end--;
    reader->words_go_on = end > start && end[-1] == '|';
    end -= reader->words_go_on;
    while (start < end) {
        const char *bar = start;
        for (int depth = 0; bar < end && (depth > 0 || *bar != '|'); bar++)
            depth += (*bar == '(') - (*bar == ')');
        const char *bracket = memchr(start, '(', (size_t)(bar - start));
        char *word = embed_copy(start, bracket ? bracket : bar);
        if (!embed_is_word(word) || strcmp(word, "none") == 0)
            fail(reader, "a word is lower-case letters, digits and underscores, and not \"none\"");
        if (embed_has_word(set, word))
            fail(reader, "the word is declared twice");
        if (!embed_add_word(set, word))
            fail(reader, "declares too many words");
        start = bar < end ? bar + 1 : end;
    }
}

/* "outcome: change_outcome = cancelled | not_found"; false where it is prose. */
static bool read_set(struct reader *reader, const char *start, const char *end)
{
    struct embed_head *head = reader->head;
    const char *colon = memchr(start, ':', (size_t)(end - start));
    const char *sign = memmem(start, (size_t)(end - start), " = ", 3);
    if (!colon || !sign || sign < colon)
        return false;
    char *column = embed_copy(start, colon), *name = embed_copy(colon + 1, sign);
    if (!embed_is_word(column) || !embed_is_word(name)) {
        free(column), free(name);
        return false;
    }
    if (embed_set_of(head, column))
        fail(reader, "the words of the column are declared twice");
    if (head->set_count == EMBED_SETS_MOST)
        fail(reader, "declares too many sets of words");
    head->sets[head->set_count++] = (struct embed_set){.name = name, .column = column};
    read_words(reader, sign + 3, end);
    return true;
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
    add_value(
        reader, head->columns, &head->column_count, STATEMENT_COLUMNS_MOST,
        (struct embed_value){.name = embed_copy(start, blank), .type = embed_copy(blank, end)});
}

static void read_columns(struct reader *reader, const char *start, const char *end)
{
    while (end > start && isspace((unsigned char)end[-1]))
        end--;
    if (end - start >= 4 && strncmp(end - 4, "none", 4) == 0 &&
        strspn(start, " ") == (size_t)(end - 4 - start))
        return;
    reader->columns_go_on = end > start && end[-1] == ',';
    end -= reader->columns_go_on;
    while (start < end) {
        const char *comma = memchr(start, ',', (size_t)(end - start));
        read_column(reader, start, comma ? comma : end);
        start = comma ? comma + 1 : end;
    }
}

static bool starts_with(const char *start, const char *end, const char *with)
{
    size_t length = strlen(with);
    return (size_t)(end - start) >= length && strncmp(start, with, length) == 0;
}

/* "row event: $1" and not a sentence that begins with "row". */
static bool is_row(const char *start, const char *end)
{
    const char *colon = memchr(start, ':', (size_t)(end - start));
    return starts_with(start, end, "row ") && colon && starts_with(colon, end, ": $");
}

static void read_comment(struct reader *reader, const char *start, const char *end)
{
    while (start < end && isspace((unsigned char)*start))
        start++;
    if (start < end && *start == '$')
        read_parameter(reader, start, end);
    else if (starts_with(start, end, "rows:"))
        read_columns(reader, start + strlen("rows:"), end);
    else if (is_row(start, end))
        read_row(reader, start + strlen("row "), end);
    else if (reader->columns_go_on)
        read_columns(reader, start, end);
    else if (reader->words_go_on)
        read_words(reader, start, end);
    else
        read_set(reader, start, end);
}

static void read_comments(struct reader *reader)
{
    while (strncmp(reader->at, "--", 2) == 0) {
        const char *end = reader->at + strcspn(reader->at, "\n");
        read_comment(reader, reader->at + 2, end);
        reader->at = *end ? end + 1 : end;
        reader->line++;
    }
    if (reader->columns_go_on)
        fail(reader, "the list of columns ends with a comma");
    if (reader->words_go_on)
        fail(reader, "the list of words ends with a bar");
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

/* Each array belongs to one row, and a row has nothing but arrays. */
static void check_rows(const char *path, const struct embed_head *head)
{
    int owners[STATEMENT_PARAMETERS_MOST] = {0};
    for (int i = 0; i < head->row_count; i++) {
        const struct embed_row *row = &head->rows[i];
        if (!embed_is_word(row->name))
            embed_fail(path, 0, "the name of a row is lower-case letters, digits and underscores");
        if (row->last >= head->parameter_count)
            embed_fail(path, 0, "a row has a parameter that is not declared");
        for (int at = row->first; at <= row->last; at++) {
            owners[at]++;
            if (!head->parameters[at].is_array)
                embed_fail(path, 0, "a row has a parameter that is no array");
        }
    }
    for (int i = 0; i < head->parameter_count; i++) {
        if (owners[i] != (head->parameters[i].is_array ? 1 : 0))
            embed_fail(path, 0, "an array belongs to exactly one row: \"-- row name: $1 to $4\"");
    }
}

static const char *type_of(const struct embed_head *head, const char *column)
{
    for (int i = 0; i < head->column_count; i++) {
        if (strcmp(head->columns[i].name, column) == 0)
            return head->columns[i].type;
    }
    return "";
}

/* Columns of these names hold words of a closed set. */
static bool is_closed(const char *column)
{
    static const char *const names[] = {"outcome", "status", "verdict",  "state",
                                        "role",    "kind",   "direction"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(column, names[i]) == 0)
            return true;
    }
    return false;
}

static void check_sets(const char *path, const struct embed_head *head)
{
    for (int i = 0; i < head->set_count; i++) {
        if (strcmp(type_of(head, head->sets[i].column), "text") != 0)
            embed_fail(path, 0, "words are declared of a column that is not there or no text");
    }
    for (int i = 0; i < head->column_count; i++) {
        const struct embed_value *column = &head->columns[i];
        if (is_closed(column->name) && strcmp(column->type, "text") == 0 &&
            !embed_set_of(head, column->name))
            embed_fail(path, 0,
                       "declares no words for its column outcome, status, verdict, state, role, "
                       "kind or direction: \"-- outcome: name_of_set = word | word\"");
    }
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
    check_rows(path, ret_head);
    check_sets(path, ret_head);
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
    for (int i = 0; i < head->row_count; i++)
        free(head->rows[i].name);
    for (int i = 0; i < head->set_count; i++) {
        free(head->sets[i].name);
        free(head->sets[i].column);
        for (int word = 0; word < head->sets[i].count; word++)
            free(head->sets[i].words[word]);
    }
}
