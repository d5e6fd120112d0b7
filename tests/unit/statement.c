/* SQL files: their heads are read as db/statement.h says, and the build finds mistakes. Runs
 * service/db/embed_sql.js. */
#include "db/statement.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "db/migrate.h"

static const char *project;

struct workshop {
    char folder[64];
    struct buffer said, code, header; /* standard error; generated files */
    int status;
};

static void open_workshop(struct workshop *workshop)
{
    *workshop = (struct workshop){.folder = "/tmp/einlass-sql-XXXXXX"};
    assert_non_null(mkdtemp(workshop->folder));
}

static void run(const char *format, ...)
{
    char command[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    assert_int_equal(system(command), 0);
}

static void close_workshop(struct workshop *workshop)
{
    run("rm -r %s", workshop->folder);
    buffer_finish(&workshop->said);
    buffer_finish(&workshop->code);
    buffer_finish(&workshop->header);
}

static void write_file(struct workshop *workshop, const char *name, const char *text)
{
    char path[256];
    run("mkdir -p $(dirname %s/%s)", workshop->folder, name);
    snprintf(path, sizeof path, "%s/%s", workshop->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void read_into(struct workshop *workshop, const char *name, struct buffer *buffer)
{
    char path[256], piece[4096];
    snprintf(path, sizeof path, "%s/%s", workshop->folder, name);
    buffer_clear(buffer);
    FILE *file = fopen(path, "r");
    if (!file)
        return;
    for (size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;)
        buffer_add(buffer, piece, n);
    fclose(file);
}

/* `files` as the shell lists them. */
static void embed(struct workshop *workshop, const char *outputs, const char *files)
{
    char command[4096];
    snprintf(command, sizeof command, "cd %s && node %s/service/db/embed_sql.js %s %s 2>said",
             workshop->folder, project, outputs, files);
    int status = system(command);
    assert_true(WIFEXITED(status));
    workshop->status = WEXITSTATUS(status);
    read_into(workshop, "said", &workshop->said);
    read_into(workshop, "out.c", &workshop->code);
    read_into(workshop, "statements.h", &workshop->header);
}

static void embed_one(struct workshop *workshop, const char *sql)
{
    write_file(workshop, "desk/find.sql", sql);
    embed(workshop, "statements out.c statements.h", "desk/find.sql");
}

static void holds(const struct buffer *buffer, const char *text)
{
    if (!strstr(buffer_text(buffer), text))
        fail_msg("\"%s\" is not in \"%s\"", text, buffer_text(buffer));
}

static void is_refused(const char *sql, const char *reason)
{
    struct workshop workshop;
    open_workshop(&workshop);
    embed_one(&workshop, sql);
    assert_int_equal(workshop.status, 1);
    holds(&workshop.said, "desk/find.sql");
    holds(&workshop.said, reason);
    close_workshop(&workshop);
}

static void a_head_declares_parameters_and_columns(void **state)
{
    (void)state;
    struct workshop workshop;
    open_workshop(&workshop);
    embed_one(&workshop, "-- Finds somebody. A price of $100 is no parameter here.\n"
                         "-- $1 event_id: uuid\n"
                         "-- $2 since: timestamp with time zone[]\n"
                         "-- row seen: $2\n"
                         "-- rows: name text, seen timestamp with time zone,\n"
                         "--   tags text[]\n"
                         "-- rows: body jsonb\n"
                         "\n"
                         "select \"a\\b\" -- and $7 in a comment\n"
                         "  from x where a = $1 and b = any ($2) and c = '$8 it''s' /* $9 */\n"
                         "   and d = $tag$ $10 ' $tag$ and e = E'\\'$11';\n");
    assert_int_equal(workshop.status, 0);
    holds(&workshop.header, "struct params *desk_find_params(const struct desk_find *given);");
    holds(&workshop.header, "all_statements[]");
    holds(&workshop.code, ".name = \"desk/find\"");
    holds(&workshop.code,
          "{\"event_id\", \"uuid\"},\n    {\"since\", \"timestamp with time zone[]\"},"
          "\n};");
    holds(&workshop.code, "{\"name\", \"text\"},\n    {\"seen\", \"timestamp with time zone\"},\n"
                          "    {\"tags\", \"text[]\"},\n    {\"body\", \"jsonb\"},\n};");
    holds(&workshop.code, ".parameter_count = 2");
    holds(&workshop.code, ".column_count = 4");
    assert_null(strstr(buffer_text(&workshop.code), "';"));
    close_workshop(&workshop);
}

static void a_statement_may_take_and_give_nothing(void **state)
{
    (void)state;
    struct workshop workshop;
    open_workshop(&workshop);
    embed_one(&workshop, "delete from x\n");
    assert_int_equal(workshop.status, 0);
    embed_one(&workshop, "-- rows: none\ndelete from x\n");
    assert_int_equal(workshop.status, 0);
    holds(&workshop.code, ".column_count = 0");
    close_workshop(&workshop);
}

static void compile(const struct workshop *workshop)
{
    run("cd %s && cc -Wall -Wextra -Wconversion -Werror -include %s/service/base/banned.h -I. "
        "-I%s/service -c out.c",
        workshop->folder, project, project);
}

static void what_is_generated_compiles_even_without_any_file(void **state)
{
    (void)state;
    struct workshop workshop;
    open_workshop(&workshop);
    embed(&workshop, "statements out.c statements.h", "");
    assert_int_equal(workshop.status, 0);
    compile(&workshop);
    embed_one(&workshop, "-- $1 a: text\n-- rows: b text\nselect $1 || '\"?\?/\\n\tü'\n  as b");
    assert_int_equal(workshop.status, 0);
    compile(&workshop);
    close_workshop(&workshop);
}

static const char everything[] =
    "-- Takes and gives everything that there is.\n"
    "-- $1 id: uuid\n"
    "-- $2 words: text or null\n"
    "-- $3 file: jsonb\n"
    "-- $4 hash: bytea\n"
    "-- $5 most: integer\n"
    "-- $6 least: bigint or null\n"
    "-- $7 force: boolean\n"
    "-- $8 inside: boolean or null\n"
    "-- $9 since: timestamp with time zone\n"
    "-- $10 until: timestamp with time zone or null\n"
    "-- $11 way: direction\n"
    "-- $12 old_way: direction or null\n"
    "-- $13 guest_id: uuid[]\n"
    "-- $14 hashes: bytea[]\n"
    "-- $15 seen: timestamp with time zone[] or null\n"
    "-- $16 ways: direction[]\n"
    "-- $17 tag: text[]\n"
    "-- row guest: $13 to $16\n"
    "-- row tag: $17\n"
    "-- outcome: find_outcome = found (one (or more) | many) | not_found |\n"
    "--   stale\n"
    "-- came_from: direction = in\n"
    "-- rows: outcome text, came_from text, direction direction\n"
    "select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17";

static void embed_everything(struct workshop *workshop)
{
    write_file(workshop, "0001_first.sql", "create type direction as enum ('in', 'left');\n");
    write_file(
        workshop, "0002_second.sql",
        "create type direction as enum ('in',\n  'out');\ncreate type unused as (a text);\n");
    write_file(workshop, "desk/find.sql", everything);
    write_file(workshop, "desk/lose.sql",
               "-- outcome: find_outcome = lost | stale\n-- rows: outcome text\nselect 'lost'");
    embed(workshop, "statements out.c statements.h",
          "desk/find.sql desk/lose.sql types 0001_first.sql 0002_second.sql");
    if (workshop->status != 0)
        fail_msg("%s", buffer_text(&workshop->said));
}

static void parameters_rows_and_words_have_names_in_c(void **state)
{
    (void)state;
    struct workshop workshop;
    open_workshop(&workshop);
    embed_everything(&workshop);
    holds(&workshop.header, "struct desk_find {\n"
                            "    const struct id *id;\n"
                            "    const char *words;\n"
                            "    const char *file;\n"
                            "    struct params_bytes hash;\n"
                            "    int64_t most;\n"
                            "    const int64_t *least;\n"
                            "    bool force;\n"
                            "    const bool *inside;\n"
                            "    int64_t since_us;\n"
                            "    const int64_t *until_us;\n"
                            "    enum direction way;\n"
                            "    enum direction old_way;\n"
                            "};\n"
                            "struct params *desk_find_params(const struct desk_find *given);\n"
                            "struct desk_find_guest {\n"
                            "    const struct id *guest_id;\n"
                            "    struct params_bytes hashes;\n"
                            "    const int64_t *seen_us;\n"
                            "    enum direction ways;\n"
                            "};\n");
    holds(&workshop.header, "void desk_find_add_tag(struct params *params, const char *tag);");
    holds(&workshop.header, "struct params *desk_lose_params(void);");
    holds(&workshop.header, "enum find_outcome {\n"
                            "    FIND_OUTCOME_NONE,\n"
                            "    FIND_OUTCOME_FOUND,\n"
                            "    FIND_OUTCOME_NOT_FOUND,\n"
                            "    FIND_OUTCOME_STALE,\n"
                            "    FIND_OUTCOME_LOST,\n"
                            "};\n");
    holds(&workshop.header, "enum direction {\n"
                            "    DIRECTION_NONE,\n"
                            "    DIRECTION_IN,\n"
                            "    DIRECTION_OUT,\n"
                            "};\n");
    holds(&workshop.header,
          "enum direction desk_find_came_from(const struct rows *rows, int row);");
    holds(&workshop.code, "{\"way\", \"direction\"},");
    holds(&workshop.code, "{\"ways\", \"direction[]\"},");
    compile(&workshop);
    close_workshop(&workshop);
}

/* A separate program uses the generated code. */
static void what_is_generated_writes_and_reads_the_words_it_declares(void **state)
{
    (void)state;
    struct workshop workshop;
    open_workshop(&workshop);
    embed_everything(&workshop);
    run("cd %s/service && cc -g -D_GNU_SOURCE -include base/banned.h -fsanitize=address,undefined "
        "-I. -I%s $(pkg-config --cflags libpq) -o %s/use ../tests/unit/statement_use.c %s/out.c "
        "db/values.c db/pg.c base/*.c $(pkg-config --libs libpq) -lunistring -lidn2",
        project, workshop.folder, workshop.folder, workshop.folder);
    run("cd %s && ./use 2>said", workshop.folder);
    read_into(&workshop, "said", &workshop.said);
    holds(&workshop.said, "\"unknown_word\"");
    holds(&workshop.said, "\"statement\":\"desk/find\"");
    holds(&workshop.said, "\"column\":\"outcome\"");
    holds(&workshop.said, "\"word\":\"surprise\"");
    holds(&workshop.said, "\"word\":\"null\"");
    holds(&workshop.said, "\"word\":\"lost\"");
    assert_null(strstr(buffer_text(&workshop.said), "stale"));
    close_workshop(&workshop);
}

static void a_switch_that_forgets_a_word_does_not_compile(void **state)
{
    (void)state;
    struct workshop workshop;
    open_workshop(&workshop);
    embed_everything(&workshop);
    static const char *const lines[] = {"", "    case FIND_OUTCOME_LOST: return 3;\n"};
    for (int i = 0; i < 2; i++) {
        struct buffer code = {0};
        buffer_printf(&code,
                      "#include \"statements.h\"\nint use(enum find_outcome outcome);\n"
                      "int use(enum find_outcome outcome)\n{\n    switch (outcome) {\n"
                      "    case FIND_OUTCOME_FOUND: case FIND_OUTCOME_NOT_FOUND: return 1;\n"
                      "    case FIND_OUTCOME_STALE: return 2;\n%s"
                      "    case FIND_OUTCOME_NONE: break;\n    }\n    return 0;\n}\n",
                      lines[i]);
        write_file(&workshop, "use.c", buffer_text(&code));
        buffer_finish(&code);
        char command[512];
        snprintf(command, sizeof command,
                 "cd %s && cc -Werror -Wswitch-enum -include %s/service/base/banned.h -I. "
                 "-I%s/service -c use.c 2>said",
                 workshop.folder, project, project);
        assert_int_equal(system(command) == 0, i == 1);
    }
    close_workshop(&workshop);
}

static void heads_that_do_not_fit_their_sql_are_refused(void **state)
{
    (void)state;
    is_refused("-- $1 a: uuid\nselect $1, $2\n", "find.sql:2: the SQL uses a parameter");
    is_refused("-- $1 a: uuid\n\nselect 1,\n 2, $3", "find.sql:4: the SQL uses a parameter");
    is_refused("select $1", "find.sql:1: the SQL uses a parameter");
    is_refused("-- $1 a: uuid\n-- $2 b: uuid\nselect $1", "parameter that the SQL does not use");
    is_refused("-- $1 a: uuid\n-- $3 b: uuid\nselect $1, $3",
               "find.sql:2: parameters are numbered");
    is_refused("-- $2 a: uuid\nselect $2", "parameters are numbered");
    is_refused("-- $1 a: uuid\n-- $1 b: uuid\nselect $1", "parameters are numbered");
    is_refused("-- $1 a: uuid\n-- $2 a: uuid\nselect $1, $2", "declared twice");
    is_refused("-- $1 a uuid\nselect $1", "is declared as");
    is_refused("-- $1 a:\nselect $1", "a type is missing");
    is_refused("-- $1 a: UUID\nselect $1", "a type is missing or not written");
    is_refused("-- $1 a: uuid, b: text\nselect $1", "a type is missing or not written");
    is_refused("-- $1 A: uuid\nselect $1", "lower-case");
    is_refused("-- rows: a\nselect 1 as a", "a type is missing");
    is_refused("-- rows: a text,\nselect 1 as a", "ends with a comma");
    is_refused("-- rows: a text, a text\nselect 1", "declared twice");
    is_refused("-- $1 a: text[]\nselect $1", "an array belongs to exactly one row");
    is_refused("-- $1 a: text[]\n-- row a: $1\n-- row b: $1\nselect $1", "exactly one row");
    is_refused("-- $1 a: text\n-- row a: $1\nselect $1", "a row has a parameter that is no array");
    is_refused("-- $1 a: text[]\n-- row a: $1 to $2\nselect $1", "that is not declared");
    is_refused("-- $1 a: text[]\n-- row a: $1 and more\nselect $1", "a row is declared as");
    is_refused("-- $1 a: text[]\n-- row A: $1\nselect $1", "the name of a row");
    is_refused("-- $1 a: xml\nselect $1", "a type that C has no member for");
    is_refused("-- rows: outcome text\nselect 1", "declares no words for its column outcome");
    is_refused("-- rows: kind text\nselect 1", "declares no words for its column");
    is_refused("-- outcome: o = a\n-- rows: b text\nselect 1", "a column that is not there");
    is_refused("-- outcome: o = a\n-- rows: outcome integer\nselect 1", "no text");
    is_refused("-- outcome: o = a | a\n-- rows: outcome text\nselect 1", "declared twice");
    is_refused("-- outcome: o = a | B\n-- rows: outcome text\nselect 1", "a word is lower-case");
    is_refused("-- outcome: o = none\n-- rows: outcome text\nselect 1", "a word is lower-case");
    is_refused("-- outcome: o = a |\n-- rows: outcome text\nselect 1", "ends with a bar");
    is_refused("-- only words\n", "there is no SQL");
    is_refused("", "there is no SQL");
    is_refused("select 'open", "a quote is not closed");
    is_refused("select /* open", "is not closed");
}

static void too_many_parameters_are_refused(void **state)
{
    (void)state;
    struct buffer sql = {0};
    for (int i = 1; i <= STATEMENT_PARAMETERS_MOST + 1; i++)
        buffer_printf(&sql, "-- $%d p%d: text\n", i, i);
    is_refused(buffer_text(&sql), "too many");
    buffer_finish(&sql);
}

static void two_statements_of_one_name_are_refused(void **state)
{
    (void)state;
    struct workshop workshop;
    open_workshop(&workshop);
    write_file(&workshop, "a/desk/find.sql", "select");
    write_file(&workshop, "b/desk/find.sql", "select");
    embed(&workshop, "statements out.c statements.h", "a/desk/find.sql b/desk/find.sql");
    assert_int_equal(workshop.status, 1);
    holds(&workshop.said, "the same name");
    close_workshop(&workshop);
}

static void migrations_come_in_order_whatever_order_they_are_named_in(void **state)
{
    (void)state;
    struct workshop workshop;
    open_workshop(&workshop);
    write_file(&workshop, "0001_first.sql", "create table a ();\n");
    write_file(&workshop, "0002_second.sql", "create table b ();\n");
    embed(&workshop, "migrations out.c", "0002_second.sql 0001_first.sql");
    assert_int_equal(workshop.status, 0);
    const char *first = strstr(buffer_text(&workshop.code), "\"0001_first\"");
    const char *second = strstr(buffer_text(&workshop.code), "\"0002_second\"");
    assert_true(first && second && first < second);
    holds(&workshop.code, "create table a ();\\n\"");
    close_workshop(&workshop);
}

static void migrations_with_gaps_twins_or_other_names_are_refused(void **state)
{
    (void)state;
    static const char *const lists[] = {"0002_b.sql", "0001_a.sql 0003_c.sql",
                                        "0001_a.sql 0001_b.sql", "first.sql", "01_a.sql"};
    struct workshop workshop;
    open_workshop(&workshop);
    run("cd %s && touch 0001_a.sql 0001_b.sql 0002_b.sql 0003_c.sql first.sql 01_a.sql",
        workshop.folder);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        embed(&workshop, "migrations out.c", lists[i]);
        if (workshop.status != 1)
            fail_msg("%s was not refused", lists[i]);
    }
    close_workshop(&workshop);
}

static void functions_come_in_the_order_they_are_named_in(void **state)
{
    (void)state;
    struct workshop workshop;
    open_workshop(&workshop);
    write_file(&workshop, "0001_first.sql", "create table a ();\n");
    run("mkdir %s/functions", workshop.folder);
    write_file(&workshop, "functions/b.sql", "create view b as select from a;\n");
    write_file(&workshop, "functions/a.sql", "create view a as select from b;\n");
    embed(&workshop, "migrations out.c", "functions/b.sql 0001_first.sql functions/a.sql");
    assert_int_equal(workshop.status, 0);
    const char *b = strstr(buffer_text(&workshop.code), "\"functions/b\"");
    const char *a = strstr(buffer_text(&workshop.code), "\"functions/a\"");
    assert_true(a && b && b < a);
    close_workshop(&workshop);
}

static int count_files(const char *folder_name)
{
    char path[1024];
    int files = 0;
    snprintf(path, sizeof path, "%s/%s", project, folder_name);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));)
        files += strstr(entry->d_name, ".sql") != NULL;
    closedir(folder);
    return files;
}

static int count_embedded(const struct migration *files)
{
    int count = 0;
    while (files[count].name)
        count++;
    return count;
}

/* If one is missing it is missing in migrations/meson.build. */
static void every_file_of_migrations_is_embedded(void **state)
{
    (void)state;
    assert_int_equal(count_embedded(all_migrations), count_files("migrations"));
    assert_int_equal(count_embedded(all_functions), count_files("migrations/functions"));
}

int main(int count, char **arguments)
{
    project = count > 1 ? arguments[1] : ".";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_declares_parameters_and_columns),
        cmocka_unit_test(a_statement_may_take_and_give_nothing),
        cmocka_unit_test(what_is_generated_compiles_even_without_any_file),
        cmocka_unit_test(parameters_rows_and_words_have_names_in_c),
        cmocka_unit_test(what_is_generated_writes_and_reads_the_words_it_declares),
        cmocka_unit_test(a_switch_that_forgets_a_word_does_not_compile),
        cmocka_unit_test(heads_that_do_not_fit_their_sql_are_refused),
        cmocka_unit_test(too_many_parameters_are_refused),
        cmocka_unit_test(two_statements_of_one_name_are_refused),
        cmocka_unit_test(migrations_come_in_order_whatever_order_they_are_named_in),
        cmocka_unit_test(migrations_with_gaps_twins_or_other_names_are_refused),
        cmocka_unit_test(functions_come_in_the_order_they_are_named_in),
        cmocka_unit_test(every_file_of_migrations_is_embedded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
