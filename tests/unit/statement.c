/* The files of SQL: their heads are read as db/statement.h says, and what is wrong in one is found
 * while building. Drives the program embed_sql, named in EINLASS_EMBED_SQL. */
#include "db/statement.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "db/migrate.h"

static const char *project;

struct workshop {
    char folder[64];
    struct buffer said, code, header; /* on standard error; what was generated */
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
    const char *program = getenv("EINLASS_EMBED_SQL");
    char command[4096];
    assert_non_null(program);
    snprintf(command, sizeof command, "cd %s && %s %s %s 2>said", workshop->folder, program,
             outputs, files);
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
                         "-- rows: name text, seen timestamp with time zone,\n"
                         "--   tags text[]\n"
                         "-- rows: body jsonb\n"
                         "\n"
                         "select \"a\\b\" -- and $7 in a comment\n"
                         "  from x where a = $1 and b = any ($2) and c = '$8 it''s' /* $9 */\n"
                         "   and d = $tag$ $10 ' $tag$ and e = E'\\'$11';\n");
    assert_int_equal(workshop.status, 0);
    holds(&workshop.header, "extern const struct statement sql_desk_find;");
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

static void what_is_generated_compiles_even_without_any_file(void **state)
{
    (void)state;
    struct workshop workshop;
    open_workshop(&workshop);
    embed(&workshop, "statements out.c statements.h", "");
    assert_int_equal(workshop.status, 0);
    run("cd %s && cc -Wall -Wextra -Werror -I. -I%s/service -c out.c", workshop.folder, project);
    embed_one(&workshop, "-- $1 a: text\n-- rows: b text\nselect $1 || '\"?\?/\\n\tü'\n  as b");
    assert_int_equal(workshop.status, 0);
    run("cd %s && cc -Wall -Wextra -Werror -I. -I%s/service -c out.c", workshop.folder, project);
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
