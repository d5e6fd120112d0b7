#include "db/session.h"

#include "base/memory.h"
#include "db/inside.h"
#include "db/pg.h"

struct db_session {
    PGconn *pg;
    PGresult *result; /* of the last call */
    struct rows rows;
    struct primary_facts server;
    struct buffer error;
};

/* Takes the result. `what` starts the error. */
static bool accept(struct db_session *session, const char *what, PGresult *result)
{
    PQclear(session->result);
    session->result = result;
    session->rows.result = result;
    if (result_is_good(result))
        return true;
    buffer_clear(&session->error);
    buffer_printf(&session->error, "%s: ", what);
    result_sentence(result, &session->error);
    return false;
}

/* Takes the params. */
static bool run(struct db_session *session, const char *what, const char *sql,
                struct params *params)
{
    PGresult *result = PQexecParams(session->pg, sql, params ? params_count(params) : 0, NULL,
                                    params ? params_values(params) : NULL, NULL, NULL, 0);
    params_destroy(params);
    return accept(session, what, result);
}

static bool check_schema(struct db_session *session, const struct schema *needed)
{
    struct schema found = {0};
    if (run(session, "schema", SCHEMA_SQL, NULL))
        found = result_schema(session->result);
    else if (strcmp(result_sqlstate(session->result), "42P01") != 0)
        return false;
    if (schema_is(&found, needed))
        return true;
    buffer_clear(&session->error);
    if (found.version == needed->version)
        buffer_add_text(&session->error, "the functions of the database are not the ones of this "
                                         "program: run \"einlass migrate\"");
    else
        buffer_printf(&session->error,
                      found.version < needed->version
                          ? "the database has schema version %d, this program needs %d: run "
                            "\"einlass migrate\""
                          : "the database has schema version %d, this program knows no newer than "
                            "%d",
                      found.version, needed->version);
    return false;
}

/* A server that does not tell of itself is taken as it is. */
static enum db_absence check_server(struct db_session *session, struct primary *primary)
{
    if (run(session, "server", primary_sql, NULL))
        primary_read(session->result, &session->server);
    buffer_clear(&session->error);
    return primary_judge(primary, &session->server, &session->error);
}

static enum db_absence open_at(const char *conninfo, int first_host, struct schema needed,
                               struct primary *primary, struct db_session **ret_session,
                               struct buffer *ret_error)
{
    struct db_session *session = memory_alloc(sizeof *session);
    enum db_absence absence = DB_UNREACHABLE;
    session->pg = conninfo_open(conninfo, first_host);
    if (PQstatus(session->pg) != CONNECTION_OK)
        conninfo_error(session->pg, &session->error);
    else
        absence = check_server(session, primary);
    if (absence == DB_PRESENT && (!run(session, "settings", conninfo_settings, NULL) ||
                                  (needed.version > 0 && !check_schema(session, &needed))))
        absence = DB_NOT_MIGRATED;
    buffer_clear(ret_error);
    buffer_add_text(ret_error, buffer_text(&session->error));
    if (absence == DB_PRESENT)
        *ret_session = session;
    else
        db_session_close(session);
    return absence;
}

bool db_session_open(const char *conninfo, struct schema needed, struct primary *primary,
                     struct db_session **ret_session, struct buffer *ret_error)
{
    enum db_absence absence = DB_OLD_PRIMARY;
    for (int host = 0; absence == DB_OLD_PRIMARY && host < conninfo_hosts(conninfo); host++)
        absence = open_at(conninfo, host, needed, primary, ret_session, ret_error);
    return absence == DB_PRESENT;
}

void db_session_close(struct db_session *session)
{
    if (!session)
        return;
    PQclear(session->result);
    PQfinish(session->pg);
    buffer_finish(&session->error);
    free(session);
}

const struct primary_facts *db_session_server(const struct db_session *session)
{
    return &session->server;
}

bool db_session_has_pooler(const struct db_session *session)
{
    return session->server.backend != 0 && session->server.backend != PQbackendPID(session->pg);
}

static int backend_of(struct db_session *session)
{
    bool is_there = run(session, "backend", "select pg_backend_pid()", NULL);
    return is_there ? (int)strtol(PQgetvalue(session->result, 0, 0), NULL, 10) : 0;
}

/* While one session is in a transaction, the other one gets another backend. */
bool db_session_is_pooled(struct db_session *session, struct db_session *other)
{
    int first = backend_of(session);
    bool is_pooled =
        !db_session_begin(other) || backend_of(other) == first || backend_of(session) != first;
    db_session_rollback(other);
    return is_pooled;
}

bool db_session_begin(struct db_session *session)
{
    return run(session, "begin", "begin", NULL);
}

bool db_session_commit(struct db_session *session)
{
    /* COMMIT of a failed transaction rolls back without an error. */
    if (PQtransactionStatus(session->pg) == PQTRANS_INERROR) {
        db_session_rollback(session);
        return false;
    }
    return run(session, "commit", "commit", NULL);
}

void db_session_rollback(struct db_session *session)
{
    PQclear(PQexec(session->pg, "rollback"));
}

bool db_session_time_out(struct db_session *session, int lock_ms, int statement_ms)
{
    char sql[120];
    snprintf(sql, sizeof sql,
             "select set_config('lock_timeout', '%d', false), "
             "set_config('statement_timeout', '%d', false)",
             lock_ms, statement_ms);
    return run(session, "settings", sql, NULL);
}

bool db_session_plan_by_key(struct db_session *session)
{
    return run(session, "settings",
               "select set_config('plan_cache_mode', 'force_generic_plan', false), "
               "set_config('enable_seqscan', 'off', false)",
               NULL);
}

const struct rows *db_session_run(struct db_session *session, struct params *params)
{
    const struct statement *statement = params_statement(params);
    return run(session, statement->name, statement->sql, params) ? &session->rows : NULL;
}

const char *db_session_error(const struct db_session *session)
{
    return buffer_text(&session->error);
}

const char *db_session_sqlstate(const struct db_session *session)
{
    return result_sqlstate(session->result);
}
