#include "db/migrate.h"

#include "db/pg.h"

/* An arbitrary number for the advisory lock: "einlass" in hexadecimal. */
#define LOCK "select pg_advisory_lock(x'65696e6c617373'::bigint)"

struct run {
    PGconn *pg;
    struct buffer *error;
    struct buffer steps; /* names, each followed by a NUL */
};

/* FNV-1a with 64 bits over name and text. */
static int64_t checksum(const struct migration *file)
{
    uint64_t sum = 0xcbf29ce484222325;
    const char *parts[] = {file->name, file->sql};
    for (int i = 0; i < 2; i++) {
        for (const char *c = parts[i]; *c; c++)
            sum = (sum ^ (unsigned char)*c) * 0x100000001b3;
    }
    return (int64_t)sum;
}

struct schema migrate_schema(const struct migration *migrations, const struct migration *functions)
{
    struct schema schema = {0};
    for (; migrations->name; migrations++)
        schema.version++;
    for (; functions->name; functions++)
        schema.functions ^= checksum(functions);
    return schema;
}

/* NULL: it failed, the error is written. */
static PGresult *query(struct run *run, const char *sql, int count, const char *const *values)
{
    PGresult *result = PQexecParams(run->pg, sql, count, NULL, values, NULL, NULL, 0);
    if (result_is_good(result))
        return result;
    result_sentence(result, run->error);
    PQclear(result);
    return NULL;
}

static bool command(struct run *run, const char *sql, int count, const char *const *values)
{
    PGresult *result = query(run, sql, count, values);
    PQclear(result);
    return result != NULL;
}

/* No numbered migration makes these tables, because they record which
 * migrations were applied. */
static bool begin(struct run *run)
{
    static const char *const steps[] = {
        conninfo_settings,
        LOCK,
        "begin",
        "create table if not exists schema_migration ("
        "version integer primary key, name text not null, checksum bigint not null, "
        "applied_at timestamptz not null default now())",
        "create table if not exists schema_function ("
        "name text primary key, checksum bigint not null, defines text[] not null, "
        "applied_at timestamptz not null default now())",
    };
    bool right = true;
    for (size_t i = 0; right && i < sizeof steps / sizeof *steps; i++)
        right = command(run, steps[i], 0, NULL);
    return right;
}

static const struct migration *find(const struct migration *files, const char *name)
{
    while (files->name && strcmp(files->name, name) != 0)
        files++;
    return files->name ? files : NULL;
}

static bool was_applied(const PGresult *applied, int row, const struct migration *file)
{
    return strtoll(PQgetvalue(applied, row, 1), NULL, 10) == checksum(file);
}

/* The applied migrations must be the first ones of this program, unchanged. */
static bool check_applied(struct run *run, const struct migration *migrations,
                          const PGresult *applied)
{
    for (int i = 0; i < PQntuples(applied); i++) {
        const char *name = PQgetvalue(applied, i, 0);
        const struct migration *migration = find(migrations, name);
        if (!migration)
            buffer_printf(run->error, "migration %s was applied to this database and is not here",
                          name);
        else if (!was_applied(applied, i, migration))
            buffer_printf(run->error, "migration %s.sql was changed after it was applied", name);
        else if (migration != &migrations[i])
            buffer_printf(run->error, "migration %s.sql was left out, and later ones were applied",
                          migrations[i].name);
        else
            continue;
        return false;
    }
    return true;
}

/* The line of an error; the server gives its position in characters. */
static int line_of(const char *sql, const PGresult *result)
{
    const char *text = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    long position = text ? strtol(text, NULL, 10) : 0;
    int line = 1;
    for (; *sql && position > 1; sql++) {
        line += *sql == '\n';
        position -= ((unsigned char)sql[1] & 0xc0) != 0x80;
    }
    return text ? line : 0;
}

static bool run_text(struct run *run, const char *sql)
{
    PGresult *result = PQexec(run->pg, sql);
    bool done = result_is_good(result) || PQresultStatus(result) == PGRES_EMPTY_QUERY;
    int line = line_of(sql, result);
    if (!done) {
        if (line > 0)
            buffer_printf(run->error, "line %d: ", line);
        result_sentence(result, run->error);
    } else if (PQtransactionStatus(run->pg) != PQTRANS_INTRANS) {
        buffer_add_text(run->error, "it ends the transaction that it runs in");
        done = false;
    }
    PQclear(result);
    return done;
}

/* Runs a file and records it. `record` takes the name, the checksum and, if count is 3, the text.
 */
static bool apply(struct run *run, const struct migration *file, const char *record, int count)
{
    size_t start = run->error->length;
    char sum[32];
    snprintf(sum, sizeof sum, "%" PRId64, checksum(file));
    buffer_printf(run->error, "migrations/%s.sql: ", file->name);
    if (!run_text(run, file->sql) ||
        !command(run, record, count, (const char *const[]){file->name, sum, file->sql}))
        return false;
    run->error->length = start;
    run->error->bytes[start] = '\0';
    buffer_add(&run->steps, file->name, strlen(file->name) + 1);
    return true;
}

static bool apply_migrations(struct run *run, const struct migration *migrations)
{
    PGresult *applied =
        query(run, "select name, checksum from schema_migration order by version", 0, NULL);
    bool right = applied && check_applied(run, migrations, applied);
    const struct migration *next = migrations + (right ? PQntuples(applied) : 0);
    for (; right && next->name; next++)
        right = apply(run, next,
                      "insert into schema_migration (version, name, checksum) "
                      "values (left($1, 4)::integer, $1, $2)",
                      2);
    PQclear(applied);
    return right;
}

/* Drops everything that these function files defined, in the order of dependence. `names` is an SQL
 * array. */
static bool drop_defined(struct run *run, const char *names)
{
    PGresult *drops = query(
        run,
        "with forgotten as ("
        "  delete from schema_function where name = any($1::text[]) returning defines"
        "), gone as ("
        "  select unnest(defines) as name from forgotten"
        "), routine as ("
        "  select oid from pg_proc join gone on proname = name"
        "   where pronamespace = current_schema()::regnamespace"
        ") "
        "select coalesce(string_agg(sentence, ';' order by step), '') from ("
        "  select 1 as step, format('drop trigger %I on %s', tgname, tgrelid::regclass) as sentence"
        "    from pg_trigger join routine on tgfoid = routine.oid"
        "  union all "
        "  select 2, format('drop view %s', oid::regclass) from pg_class join gone on relname = "
        "name"
        "   where relkind = 'v' and relnamespace = current_schema()::regnamespace"
        "  union all "
        "  select 3, format('drop function %s', oid::regprocedure) from routine) as step",
        1, &names);
    bool right = drops && run_text(run, PQgetvalue(drops, 0, 0));
    PQclear(drops);
    return right;
}

static bool drop_changed(struct run *run, const struct migration *functions,
                         const PGresult *applied)
{
    struct buffer names = {0};
    for (int i = 0; i < PQntuples(applied); i++) {
        const char *name = PQgetvalue(applied, i, 0);
        const struct migration *file = find(functions, name);
        if (!file || !was_applied(applied, i, file))
            buffer_printf(&names, "%c%s", names.length > 0 ? ',' : '{', name);
    }
    buffer_add_char(&names, '}');
    bool right = names.length == 1 || drop_defined(run, buffer_text(&names));
    buffer_finish(&names);
    return right;
}

/* Drops all changes before it creates anything, because a function may have moved to another file.
 */
static bool apply_functions(struct run *run, const struct migration *functions)
{
    PGresult *applied = query(run, "select name, checksum from schema_function", 0, NULL);
    bool right = applied && drop_changed(run, functions, applied);
    for (; right && functions->name; functions++) {
        int row = 0;
        while (row < PQntuples(applied) && !was_applied(applied, row, functions))
            row++;
        if (row == PQntuples(applied))
            right = apply(run, functions,
                          "insert into schema_function (name, checksum, defines) "
                          "select $1, $2, array(select match[2] from regexp_matches($3, "
                          "'^create (function|view) (\\w+)', 'gn') as match)",
                          3);
    }
    PQclear(applied);
    return right;
}

static bool grant_rights(struct run *run, const char *service_role)
{
    return *service_role == '\0' ||
           command(run, "select grant_rights($1) where $1 <> current_user", 1, &service_role);
}

bool migrate_run(const char *conninfo, const char *service_role, const struct migration *migrations,
                 const struct migration *functions,
                 void (*on_step)(void *context, const char *name), void *context,
                 struct buffer *ret_error)
{
    struct run run = {.pg = conninfo_open(conninfo, 0), .error = ret_error};
    bool right = PQstatus(run.pg) == CONNECTION_OK;
    if (!right)
        conninfo_error(run.pg, ret_error);
    right = right && begin(&run) && apply_migrations(&run, migrations) &&
            apply_functions(&run, functions) && grant_rights(&run, service_role) &&
            command(&run, "commit", 0, NULL);
    PQfinish(run.pg);
    for (size_t at = 0; right && on_step && at < run.steps.length;) {
        const char *name = run.steps.bytes + at;
        on_step(context, name);
        at += strlen(name) + 1;
    }
    buffer_finish(&run.steps);
    return right;
}
