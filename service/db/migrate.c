#include "db/migrate.h"

#include "db/conninfo.h"
#include "db/result.h"

/* Any number will do as long as nobody else takes it: "einlass" in hexadecimal. */
#define LOCK "select pg_advisory_lock(x'65696e6c617373'::bigint)"

struct run {
    PGconn *pg;
    const struct migration *migrations;
    struct buffer *error;
};

int migrate_newest(void)
{
    int newest = 0;
    for (const struct migration *migration = all_migrations; migration->name; migration++)
        newest = migration->version;
    return newest;
}

/* NULL: it failed and the error has been said. */
static PGresult *query(struct run *run, const char *sql, int count, const char *const *values)
{
    PGresult *result = PQexecParams(run->pg, sql, count, NULL, values, NULL, NULL, 0);
    if (result_is_good(result))
        return result;
    result_sentence(result, run->error);
    PQclear(result);
    return NULL;
}

static bool command(struct run *run, const char *sql)
{
    PGresult *result = query(run, sql, 0, NULL);
    PQclear(result);
    return result != NULL;
}

/* A migration may take as long as it takes. Everything here is safe to do twice. */
static bool prepare(struct run *run)
{
    return command(run, conninfo_settings) && command(run, "set statement_timeout = 0") &&
           command(run, "set lock_timeout = 0") &&
           command(run, "set idle_in_transaction_session_timeout = 0") && command(run, LOCK) &&
           command(run, "create table if not exists schema_migration ("
                        "version integer primary key, name text not null, checksum text not null, "
                        "applied_at timestamptz not null default now())");
}

static const struct migration *find(const struct run *run, int version)
{
    for (const struct migration *migration = run->migrations; migration->name; migration++) {
        if (migration->version == version)
            return migration;
    }
    return NULL;
}

static bool check_one(struct run *run, const struct migration *migration, const char *name,
                      const char *checksum)
{
    if (!migration) {
        buffer_printf(run->error, "migration %s was applied to this database and is not here",
                      name);
        return false;
    }
    const char *values[] = {migration->sql};
    PGresult *result =
        query(run, "select encode(sha256(convert_to($1, 'UTF8')), 'hex')", 1, values);
    if (!result)
        return false;
    bool same = strcmp(PQgetvalue(result, 0, 0), checksum) == 0;
    if (!same)
        buffer_printf(run->error, "migration %s.sql was changed after it was applied",
                      migration->name);
    PQclear(result);
    return same;
}

/* What was applied must be the first so many of ours, unchanged. */
static bool check_applied(struct run *run, const PGresult *applied)
{
    for (int i = 0; i < PQntuples(applied); i++) {
        int version = (int)strtol(PQgetvalue(applied, i, 0), NULL, 10);
        const struct migration *migration = find(run, version);
        if (!check_one(run, migration, PQgetvalue(applied, i, 1), PQgetvalue(applied, i, 2)))
            return false;
        if (migration != &run->migrations[i]) {
            buffer_printf(run->error, "migration %s.sql was left out, and later ones were applied",
                          run->migrations[i].name);
            return false;
        }
    }
    return true;
}

/* False: an error has been said. */
static bool count_applied(struct run *run, int *ret_count)
{
    PGresult *applied = query(
        run, "select version, name, checksum from schema_migration order by version", 0, NULL);
    bool right = applied && check_applied(run, applied);
    if (right)
        *ret_count = PQntuples(applied);
    PQclear(applied);
    return right;
}

/* The line the server points at with a position counted in characters. */
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

static bool run_text(struct run *run, const struct migration *migration)
{
    PGresult *result = PQexec(run->pg, migration->sql);
    bool done = result_is_good(result) || PQresultStatus(result) == PGRES_EMPTY_QUERY;
    int line = line_of(migration->sql, result);
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

static bool record(struct run *run, const struct migration *migration)
{
    char version[16];
    snprintf(version, sizeof version, "%d", migration->version);
    const char *values[] = {version, migration->name, migration->sql};
    PGresult *result = query(run,
                             "insert into schema_migration (version, name, checksum) "
                             "values ($1, $2, encode(sha256(convert_to($3, 'UTF8')), 'hex'))",
                             3, values);
    PQclear(result);
    return result != NULL;
}

static bool apply(struct run *run, const struct migration *migration)
{
    size_t start = run->error->length;
    buffer_printf(run->error, "migration %s.sql: ", migration->name);
    if (command(run, "begin") && run_text(run, migration) && record(run, migration) &&
        command(run, "commit")) {
        run->error->length = start;
        run->error->bytes[start] = '\0';
        return true;
    }
    if (PQtransactionStatus(run->pg) != PQTRANS_IDLE)
        PQclear(PQexec(run->pg, "rollback"));
    return false;
}

bool migrate_run(const char *conninfo, const struct migration *migrations,
                 void (*on_step)(void *context, const struct migration *migration), void *context,
                 struct buffer *ret_error)
{
    struct run run = {.pg = conninfo_open(conninfo), .migrations = migrations, .error = ret_error};
    int applied = 0;
    bool right = PQstatus(run.pg) == CONNECTION_OK;
    if (!right)
        conninfo_error(run.pg, ret_error);
    right = right && prepare(&run) && count_applied(&run, &applied);
    for (const struct migration *next = migrations + applied; right && next->name; next++) {
        right = apply(&run, next);
        if (right && on_step)
            on_step(context, next);
    }
    PQfinish(run.pg);
    return right;
}
