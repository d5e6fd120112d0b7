#include "db/pg.h"

#include <ctype.h>

#include "base/log.h"

const char conninfo_settings[] =
    "select set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO, YMD', false), "
    "set_config('IntervalStyle', 'iso_8601', false), set_config('bytea_output', 'hex', false), "
    "set_config('default_transaction_isolation', 'read committed', false), "
    "set_config('client_min_messages', 'warning', false), set_config('jit', 'off', false)";

/* The conninfo (dbname) overrides the keywords before it, not those behind it. */
static const char *const keywords[] = {"application_name",     "connect_timeout",
                                       "keepalives_idle",      "keepalives_interval",
                                       "keepalives_count",     "tcp_user_timeout",
                                       "target_session_attrs", "dbname",
                                       "client_encoding",      NULL};

enum { DBNAME_AT = 7, KEYWORDS = sizeof keywords / sizeof *keywords };

static void fill(const char *conninfo, const char *values[KEYWORDS])
{
    static const char *const defaults[KEYWORDS] = {"einlass", "10",         "20", "5",    "3",
                                                   "15000",   "read-write", NULL, "UTF8", NULL};
    memcpy(values, defaults, sizeof defaults);
    values[DBNAME_AT] = conninfo;
}

static void log_notice(void *context, const char *message)
{
    (void)context;
    log_event(LOG_DEBUG, "database_notice", log_text("notice", message));
}

/* libpq returns NULL only without memory. */
static PGconn *there(PGconn *connection)
{
    if (!connection) {
        fputs("einlass: out of memory\n", stderr);
        abort();
    }
    return connection;
}

PGconn *conninfo_start(const char *conninfo)
{
    const char *values[KEYWORDS];
    fill(conninfo, values);
    PGconn *connection = there(PQconnectStartParams(keywords, values, 1));
    /* libpq 15 gives the SQLSTATE of a refused connection only in the verbose message. */
    PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
    PQsetNoticeProcessor(connection, log_notice, NULL);
    return connection;
}

PGconn *conninfo_open(const char *conninfo)
{
    const char *values[KEYWORDS];
    fill(conninfo, values);
    PGconn *connection = there(PQconnectdbParams(keywords, values, 1));
    PQsetNoticeProcessor(connection, log_notice, NULL);
    return connection;
}

void conninfo_error(const PGconn *connection, struct buffer *sentence)
{
    size_t start = sentence->length;
    for (const char *line = PQerrorMessage(connection); *line;) {
        size_t length = strcspn(line, "\n"), blanks = strspn(line, "\t ");
        /* The verbose message names a line of PostgreSQL's source; drop it. */
        if (length > blanks && strncmp(line, "LOCATION:", 9) != 0) {
            if (sentence->length > start)
                buffer_add_text(sentence, isupper((unsigned char)line[blanks]) ? "; " : " ");
            buffer_add(sentence, line + blanks, length - blanks);
        }
        line += length + (line[length] == '\n');
    }
}

bool conninfo_is_hopeless(const PGconn *connection)
{
    static const char *const states[] = {
        ":  28P01: ", /* invalid_password */
        ":  28000: ", /* invalid_authorization_specification */
        ":  3D000: ", /* invalid_catalog_name: no such database */
    };
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (strstr(PQerrorMessage(connection), states[i]))
            return true;
    }
    return false;
}

bool result_is_good(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

static const char *field(const PGresult *result, int code)
{
    const char *text = PQresultErrorField(result, code);
    return text ? text : "";
}

const char *result_sqlstate(const PGresult *result)
{
    return field(result, PG_DIAG_SQLSTATE);
}

void result_error(const PGresult *result, const char *statement, struct db_error *ret_error)
{
    ret_error->statement = statement;
    snprintf(ret_error->sqlstate, sizeof ret_error->sqlstate, "%s", result_sqlstate(result));
    ret_error->message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    ret_error->constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
}

enum result_cause result_cause(const PGresult *result)
{
    /* PostgreSQL manual, appendix A. */
    static const struct {
        const char *sqlstate;
        enum result_cause cause;
    } causes[] = {
        {"57014", RESULT_TIMEOUT},  /* query_canceled */
        {"40001", RESULT_CONFLICT}, /* serialization_failure */
        {"40P01", RESULT_CONFLICT}, /* deadlock_detected */
        {"0A000", RESULT_STALE},    /* cached plan must not change result type */
        {"26000", RESULT_STALE},    /* prepared statement does not exist */
        {"25006", RESULT_STALE},    /* read_only_sql_transaction: no longer the primary */
    };
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
        if (strcmp(result_sqlstate(result), causes[i].sqlstate) == 0)
            return causes[i].cause;
    }
    return RESULT_REFUSED;
}

void result_sentence(const PGresult *result, struct buffer *sentence)
{
    size_t start = sentence->length;
    const char *message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = field(result, PG_DIAG_MESSAGE_DETAIL);
    const char *sqlstate = result_sqlstate(result);
    buffer_add_text(sentence, *message ? message : PQresultErrorMessage(result));
    if (*detail)
        buffer_printf(sentence, ": %s", detail);
    if (*sqlstate)
        buffer_printf(sentence, " (SQLSTATE %s)", sqlstate);
    while (sentence->length > start && sentence->bytes[sentence->length - 1] == '\n')
        sentence->bytes[--sentence->length] = '\0';
    for (size_t i = start; i < sentence->length; i++) {
        if (sentence->bytes[i] == '\n')
            sentence->bytes[i] = ' ';
    }
}

struct schema result_schema(const PGresult *result)
{
    return (struct schema){.version = (int)strtol(PQgetvalue(result, 0, 0), NULL, 10),
                           .functions = strtoll(PQgetvalue(result, 0, 1), NULL, 10)};
}
