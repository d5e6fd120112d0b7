#include "db/prepare.h"

#include <inttypes.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "db/pg.h"
#include "db/primary.h"

enum { LOOK_AGAIN_SECONDS = 1 };

/* Each phase is one round trip. */
enum prepare_phase {
    PREPARE_SERVER,
    PREPARE_SETTINGS,
    PREPARE_VERSION,
    PREPARE_KEYS,
    PREPARE_STATEMENTS,
    PREPARE_TYPES,
};

struct preparation {
    struct exchange exchange;
    struct db_connection *connection;
    struct prepare_options options;
    enum prepare_phase phase;
    struct event *look_again;
    struct primary_facts server;
    bool has_backend;     /* it is entered at the primary */
    struct schema schema; /* found */
    int statement_count;
    PGresult **described; /* by statement */
    PGresult *types;
    struct buffer failure; /* the first error of the phase */
    bool failed, waits_for_schema;
    enum db_absence why; /* with `failed` */
};

static bool send_settings(struct preparation *preparation, PGconn *pg)
{
    char timeout[32], lock_timeout[32];
    snprintf(timeout, sizeof timeout, "%" PRId64 "us", preparation->options.statement_timeout_us);
    snprintf(lock_timeout, sizeof lock_timeout, "%d", preparation->options.lock_timeout_ms);
    bool by_key = preparation->options.by_key;
    /* A plan made for small or unanalysed tables would scan them for the connection's whole life.
     * Compiling a plan takes longer than our statements run. */
    const char *values[] = {timeout, by_key ? "force_generic_plan" : "auto", by_key ? "off" : "on",
                            lock_timeout};
    return PQsendQueryParams(pg, conninfo_settings, 0, NULL, NULL, NULL, NULL, 0) &&
           PQsendQueryParams(pg,
                             "select set_config('statement_timeout', $1, false), "
                             "set_config('idle_in_transaction_session_timeout', '60s', false), "
                             "set_config('plan_cache_mode', $2, false), "
                             "set_config('enable_seqscan', $3, false), "
                             "set_config('jit', 'off', false), "
                             "set_config('lock_timeout', $4, false)",
                             4, NULL, values, NULL, NULL, 0) &&
           PQsendQueryParams(pg, "select pg_backend_pid()", 0, NULL, NULL, NULL, NULL, 0);
}

/* The first service that comes leaves the fingerprint of its secret. The second statement reads
 * the stored one, which may be from another service. */
static bool send_keys(struct preparation *preparation, PGconn *pg)
{
    const char *values[] = {primary_fingerprint(preparation->options.primary)};
    return PQsendQueryParams(pg,
                             "insert into secret_fingerprint (fingerprint) "
                             "select decode($1, 'hex') "
                             "where not exists (select from secret_fingerprint) "
                             "on conflict do nothing",
                             1, NULL, values, NULL, NULL, 0) &&
           PQsendQueryParams(pg, "select fingerprint = decode($1, 'hex') from secret_fingerprint",
                             1, NULL, values, NULL, NULL, 0);
}

static bool send_version(PGconn *pg)
{
    return PQsendQueryParams(pg, SCHEMA_SQL, 0, NULL, NULL, NULL, NULL, 0);
}

static bool send_statements(struct preparation *preparation, PGconn *pg)
{
    bool sent = true;
    for (int i = 0; sent && i < preparation->statement_count; i++) {
        const struct statement *statement = preparation->options.statements[i];
        sent = PQsendPrepare(pg, statement->name, statement->sql, 0, NULL) &&
               PQsendDescribePrepared(pg, statement->name);
    }
    return sent;
}

static void list_type(struct buffer *oids, Oid oid)
{
    buffer_printf(oids, "%s%u", oids->length > 1 ? "," : "", oid);
}

/* Appends the type numbers of all descriptions, "{23,25,…}", with repetitions. */
static void list_types(PGresult *const *described, int count, struct buffer *oids)
{
    buffer_add_char(oids, '{');
    for (int i = 0; i < count; i++) {
        for (int p = 0; p < PQnparams(described[i]); p++)
            list_type(oids, PQparamtype(described[i], p));
        for (int c = 0; c < PQnfields(described[i]); c++)
            list_type(oids, PQftype(described[i], c));
    }
    buffer_add_char(oids, '}');
}

static bool send_types(struct preparation *preparation, PGconn *pg)
{
    struct buffer oids = {0};
    list_types(preparation->described, preparation->statement_count, &oids);
    const char *values[] = {buffer_text(&oids)};
    bool sent = PQsendQueryParams(pg,
                                  "select oid, format_type(oid, null) "
                                  "from unnest($1::oid[]) as used (oid) group by oid",
                                  1, NULL, values, NULL, NULL, 0);
    buffer_finish(&oids);
    return sent;
}

static void begin(struct preparation *preparation, enum prepare_phase phase)
{
    PGconn *pg = connection_pg(preparation->connection);
    bool sent = false;
    preparation->phase = phase;
    switch (phase) {
    case PREPARE_SERVER:
        sent = PQsendQueryParams(pg, primary_sql, 0, NULL, NULL, NULL, NULL, 0);
        break;
    case PREPARE_KEYS:
        sent = send_keys(preparation, pg);
        break;
    case PREPARE_SETTINGS:
        sent = send_settings(preparation, pg);
        break;
    case PREPARE_VERSION:
        sent = send_version(pg);
        break;
    case PREPARE_STATEMENTS:
        sent = send_statements(preparation, pg);
        break;
    case PREPARE_TYPES:
        sent = send_types(preparation, pg);
        break;
    }
    connection_submit(preparation->connection, &preparation->exchange, sent);
}

/* The even commands prepare, the odd ones describe. */
static const struct statement *statement_of(const struct preparation *preparation, int command)
{
    return preparation->options.statements[command / 2];
}

static void fail_for(struct preparation *preparation, enum db_absence why, const char *sentence)
{
    preparation->failed = true;
    preparation->why = why;
    buffer_clear(&preparation->failure);
    buffer_add_text(&preparation->failure, sentence);
}

static void fail_for_pooler(struct preparation *preparation)
{
    primary_note_pooler(preparation->options.primary);
    fail_for(preparation, DB_POOLED, primary_pooled_sentence);
}

static void fail(struct preparation *preparation, int command, const PGresult *result)
{
    const char *sqlstate = result_sqlstate(result);
    /* Class 42: syntax error or access rule violation. */
    bool is_wrong = strncmp(sqlstate, "42", 2) == 0;
    /* A server that does not tell of itself is taken as it is. */
    if (preparation->phase == PREPARE_SERVER && (is_wrong || strncmp(sqlstate, "0A", 2) == 0))
        return;
    /* duplicate_prepared_statement: another session prepared it at this backend. */
    if (strcmp(sqlstate, "42P05") == 0) {
        fail_for_pooler(preparation);
        return;
    }
    /* Without a table of migrations the database was never migrated. */
    if (preparation->phase == PREPARE_VERSION && strcmp(sqlstate, "42P01") == 0) {
        preparation->schema = (struct schema){0};
        return;
    }
    preparation->failed = true;
    preparation->why = is_wrong ? DB_UNFIT : DB_UNREACHABLE;
    /* The server may end the session behind the last command. */
    if (preparation->phase == PREPARE_STATEMENTS && command / 2 < preparation->statement_count)
        buffer_printf(&preparation->failure, "%s.sql: ", statement_of(preparation, command)->name);
    result_sentence(result, &preparation->failure);
}

/* A session that has a pooler before it shares its backend with another one, or changes it. */
static void check_backend(struct preparation *preparation, int backend)
{
    struct primary *primary = preparation->options.primary;
    bool has_pooler = PQbackendPID(connection_pg(preparation->connection)) != backend;
    if (has_pooler && !preparation->has_backend)
        preparation->has_backend = primary_enter(primary, backend);
    if (preparation->server.backend != backend)
        fail_for_pooler(preparation);
    else if (has_pooler && (!preparation->has_backend || primary_forbids_poolers(primary)))
        fail_for(preparation, DB_POOLED, primary_pooled_sentence);
}

static void judge_server(struct preparation *preparation, const PGresult *result)
{
    struct primary_facts *server = &preparation->server;
    primary_read(result, server);
    enum db_absence why =
        primary_judge(preparation->options.primary, server, &preparation->failure);
    preparation->failed = why != DB_PRESENT;
    preparation->why = why;
    if (!preparation->failed)
        check_backend(preparation, server->backend);
}

static void check_keys(struct preparation *preparation, const PGresult *result)
{
    if (PQntuples(result) == 0 || *PQgetvalue(result, 0, 0) != 't')
        fail_for(preparation, DB_OTHER_KEYS, primary_keys_sentence);
}

static void on_result(struct exchange *exchange, int command, PGresult *result)
{
    struct preparation *preparation = (struct preparation *)exchange;
    if (!result_is_good(result)) {
        if (!preparation->failed)
            fail(preparation, command, result);
    } else if (preparation->phase == PREPARE_SERVER) {
        judge_server(preparation, result);
    } else if (preparation->phase == PREPARE_SETTINGS && command == 2) {
        if (preparation->server.backend)
            check_backend(preparation, (int)strtol(PQgetvalue(result, 0, 0), NULL, 10));
    } else if (preparation->phase == PREPARE_KEYS && command == 1) {
        check_keys(preparation, result);
    } else if (preparation->phase == PREPARE_VERSION) {
        preparation->schema = result_schema(result);
    } else if (preparation->phase == PREPARE_STATEMENTS && command % 2 == 1) {
        preparation->described[command / 2] = result;
        return;
    } else if (preparation->phase == PREPARE_TYPES) {
        preparation->types = result;
        return;
    }
    PQclear(result);
}

static void wait_for_schema(struct preparation *preparation)
{
    if (!preparation->waits_for_schema)
        log_event(
            LOG_WARNING, "schema_mismatch",
            log_text("part", preparation->schema.version == preparation->options.schema.version
                                 ? "functions"
                                 : "tables"),
            log_number("found", preparation->schema.version),
            log_number("wanted", preparation->options.schema.version));
    preparation->waits_for_schema = true;
    evtimer_add(preparation->look_again, &(struct timeval){.tv_sec = LOOK_AGAIN_SECONDS});
}

static void on_look_again(evutil_socket_t socket, short what, void *context)
{
    (void)socket, (void)what;
    begin(context, PREPARE_VERSION);
}

static const char *type_name(const PGresult *types, Oid oid)
{
    for (int i = 0; i < PQntuples(types); i++) {
        if (strtoul(PQgetvalue(types, i, 0), NULL, 10) == oid)
            return PQgetvalue(types, i, 1);
    }
    return "a type that does not exist";
}

static bool check_counts(const struct statement *statement, const PGresult *described,
                         struct buffer *reason)
{
    if (PQnparams(described) != statement->parameter_count) {
        buffer_printf(reason, "%s.sql: declares %d parameters, the statement takes %d",
                      statement->name, statement->parameter_count, PQnparams(described));
        return false;
    }
    if (PQnfields(described) != statement->column_count) {
        buffer_printf(reason, "%s.sql: declares %d columns, the statement gives %d",
                      statement->name, statement->column_count, PQnfields(described));
        return false;
    }
    return true;
}

static bool check_parameter(const struct statement *statement, int at, const char *type,
                            struct buffer *reason)
{
    const struct statement_value *declared = &statement->parameters[at];
    if (strcmp(declared->type, type) == 0)
        return true;
    buffer_printf(reason, "%s.sql: declares $%d %s as %s, the database takes %s", statement->name,
                  at + 1, declared->name, declared->type, type);
    return false;
}

static bool check_column(const struct statement *statement, int at, const char *name,
                         const char *type, struct buffer *reason)
{
    const struct statement_value *declared = &statement->columns[at];
    if (strcmp(declared->name, name) == 0 && strcmp(declared->type, type) == 0)
        return true;
    buffer_printf(reason, "%s.sql: declares column %d as %s %s, the database gives %s %s",
                  statement->name, at + 1, declared->name, declared->type, name, type);
    return false;
}

/* Compares the declaration of a statement with the server's description. `types` are rows of type
 * number and name. False: the reason names the statement's file. */
static bool check_statement(const struct statement *statement, const PGresult *described,
                            const PGresult *types, struct buffer *reason)
{
    bool fits = check_counts(statement, described, reason);
    for (int i = 0; fits && i < statement->parameter_count; i++)
        fits = check_parameter(statement, i, type_name(types, PQparamtype(described, i)), reason);
    for (int i = 0; fits && i < statement->column_count; i++)
        fits = check_column(statement, i, PQfname(described, i),
                            type_name(types, PQftype(described, i)), reason);
    return fits;
}

static void check_fit(struct preparation *preparation)
{
    for (int i = 0; i < preparation->statement_count && !preparation->failed; i++) {
        preparation->failed =
            !check_statement(preparation->options.statements[i], preparation->described[i],
                             preparation->types, &preparation->failure);
        preparation->why = DB_UNFIT;
    }
}

static void finish(struct preparation *preparation)
{
    if (preparation->failed)
        preparation->options.on_failed(preparation->connection, buffer_text(&preparation->failure),
                                       preparation->why);
    else
        preparation->options.on_prepared(preparation->connection);
}

static void check_statements(struct preparation *preparation)
{
    if (preparation->statement_count > 0)
        begin(preparation, PREPARE_STATEMENTS);
    else
        finish(preparation);
}

static void go_on(struct preparation *preparation)
{
    const struct schema *needed = &preparation->options.schema;
    switch (preparation->phase) {
    case PREPARE_SERVER:
        begin(preparation, PREPARE_SETTINGS);
        break;
    case PREPARE_SETTINGS:
        if (needed->version)
            begin(preparation, PREPARE_VERSION);
        else
            check_statements(preparation);
        break;
    case PREPARE_VERSION:
        if (!schema_is(&preparation->schema, needed)) {
            wait_for_schema(preparation);
            break;
        }
        preparation->waits_for_schema = false;
        if (primary_fingerprint(preparation->options.primary))
            begin(preparation, PREPARE_KEYS);
        else
            check_statements(preparation);
        break;
    case PREPARE_KEYS:
        check_statements(preparation);
        break;
    case PREPARE_STATEMENTS:
        begin(preparation, PREPARE_TYPES);
        break;
    case PREPARE_TYPES:
        check_fit(preparation);
        finish(preparation);
        break;
    }
}

static void on_synced(struct exchange *exchange)
{
    struct preparation *preparation = (struct preparation *)exchange;
    if (preparation->failed)
        finish(preparation);
    else
        go_on(preparation);
}

static int count(const struct statement *const *statements)
{
    int n = 0;
    while (statements && statements[n])
        n++;
    return n;
}

struct preparation *prepare_start(struct db_connection *connection,
                                  const struct prepare_options *options)
{
    struct preparation *preparation = memory_alloc(sizeof *preparation);
    preparation->exchange.on_result = on_result;
    preparation->exchange.on_synced = on_synced;
    preparation->connection = connection;
    preparation->options = *options;
    preparation->look_again = evtimer_new(options->loop, on_look_again, preparation);
    preparation->statement_count = count(options->statements);
    preparation->described =
        memory_alloc((size_t)preparation->statement_count * sizeof *preparation->described);
    begin(preparation, PREPARE_SERVER);
    return preparation;
}

void prepare_destroy(struct preparation *preparation)
{
    if (!preparation)
        return;
    for (int i = 0; i < preparation->statement_count; i++)
        PQclear(preparation->described[i]);
    PQclear(preparation->types);
    if (preparation->has_backend)
        primary_leave(preparation->options.primary, preparation->server.backend);
    event_free(preparation->look_again);
    buffer_finish(&preparation->failure);
    free(preparation->described);
    free(preparation);
}

int64_t prepare_timeline(const struct preparation *preparation)
{
    return preparation->server.timeline;
}

int prepare_schema_version(const struct preparation *preparation)
{
    return preparation->schema.version;
}

bool prepare_has_pooler(const struct preparation *preparation)
{
    return preparation->has_backend;
}

bool prepare_waits_for_schema(const struct preparation *preparation)
{
    return preparation->waits_for_schema;
}
