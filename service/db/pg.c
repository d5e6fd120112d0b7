#include "db/pg.h"

#include <ctype.h>

#include "base/log.h"

const char conninfo_settings[] =
    "select set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO, YMD', false), "
    "set_config('IntervalStyle', 'iso_8601', false), set_config('bytea_output', 'hex', false), "
    "set_config('default_transaction_isolation', 'read committed', false), "
    "set_config('client_min_messages', 'warning', false), set_config('jit', 'off', false), "
    "set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false), "
    "set_config('idle_in_transaction_session_timeout', '0', false), "
    "set_config('idle_session_timeout', '0', false), "
    /* PostgreSQL 17 */
    "case when current_setting('transaction_timeout', true) is not null "
    "then set_config('transaction_timeout', '0', false) end, "
    /* The other words are stronger, or an administrator's choice about standbys. */
    "case when current_setting('synchronous_commit') = 'off' "
    "then set_config('synchronous_commit', 'on', false) end";

/* The conninfo (dbname) overrides the keywords before it, not those behind it. */
static const char *const keywords[] = {"application_name",
                                       "connect_timeout",
                                       "keepalives_idle",
                                       "keepalives_interval",
                                       "keepalives_count",
                                       "tcp_user_timeout",
                                       "target_session_attrs",
                                       "dbname",
                                       "client_encoding",
                                       "host",
                                       "hostaddr",
                                       "port",
                                       NULL};

enum { DBNAME_AT = 7, LISTS_AT = 9, LISTS = 3, KEYWORDS = sizeof keywords / sizeof *keywords };

/* The values of the keywords. */
struct values {
    const char *all[KEYWORDS];
    char *lists[LISTS]; /* of hosts, turned */
};

static int count_items(const char *list)
{
    int count = 1;
    for (; *list; list++)
        count += *list == ',';
    return count;
}

/* "a,b,c" from 1 on is "b,c,a". */
static char *turn_list(const char *list, int first)
{
    struct buffer turned = {0};
    const char *rest = list;
    for (first %= count_items(list); first > 0; first--)
        rest = strchr(rest, ',') + 1;
    buffer_add_text(&turned, rest);
    if (rest > list) {
        buffer_add_char(&turned, ',');
        buffer_add(&turned, list, (size_t)(rest - list) - 1);
    }
    return buffer_take(&turned);
}

/* NULL: the conninfo does not name it. */
static const char *named(const PQconninfoOption *options, const char *keyword)
{
    for (; options && options->keyword; options++) {
        if (strcmp(options->keyword, keyword) == 0)
            return options->val;
    }
    return NULL;
}

int conninfo_hosts(const char *conninfo)
{
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    const char *hosts = named(options, "hostaddr");
    if (!hosts)
        hosts = named(options, "host");
    int count = hosts ? count_items(hosts) : 1;
    PQconninfoFree(options);
    return count;
}

static void fill(const char *conninfo, int first_host, struct values *values)
{
    static const struct values defaults = {
        {"einlass", "10", "20", "5", "3", "15000", "read-write", NULL, "UTF8"}, {0}};
    *values = defaults;
    values->all[DBNAME_AT] = conninfo;
    PQconninfoOption *options = first_host > 0 ? PQconninfoParse(conninfo, NULL) : NULL;
    for (int i = 0; i < LISTS; i++) {
        const char *list = named(options, keywords[LISTS_AT + i]);
        values->lists[i] = list ? turn_list(list, first_host) : NULL;
        values->all[LISTS_AT + i] = values->lists[i];
    }
    PQconninfoFree(options);
}

static void free_lists(struct values *values)
{
    for (int i = 0; i < LISTS; i++)
        free(values->lists[i]);
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

PGconn *conninfo_start(const char *conninfo, int first_host)
{
    struct values values;
    fill(conninfo, first_host, &values);
    PGconn *connection = there(PQconnectStartParams(keywords, values.all, 1));
    free_lists(&values);
    /* libpq 15 gives the SQLSTATE of a refused connection only in the verbose message. */
    PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
    PQsetNoticeProcessor(connection, log_notice, NULL);
    return connection;
}

PGconn *conninfo_open(const char *conninfo, int first_host)
{
    struct values values;
    fill(conninfo, first_host, &values);
    PGconn *connection = there(PQconnectdbParams(keywords, values.all, 1));
    free_lists(&values);
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

void conninfo_sqlstate(const PGconn *connection, char ret_sqlstate[DB_SQLSTATE_BYTES])
{
    static const char mark[] = ":  ";
    const char *at = PQerrorMessage(connection);
    ret_sqlstate[0] = '\0';
    while ((at = strstr(at, mark)) != NULL) {
        at += sizeof mark - 1;
        if (strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == DB_SQLSTATE_BYTES - 1 &&
            at[DB_SQLSTATE_BYTES - 1] == ':') {
            snprintf(ret_sqlstate, DB_SQLSTATE_BYTES, "%s", at);
            return;
        }
    }
}

bool sqlstate_is_hopeless(const char *sqlstate)
{
    static const char *const states[] = {
        "28P01", /* invalid_password */
        "28000", /* invalid_authorization_specification */
        "3D000", /* invalid_catalog_name: no such database */
    };
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (strcmp(sqlstate, states[i]) == 0)
            return true;
    }
    return false;
}

void rows_take(const struct rows *rows, struct rows *ret_rows)
{
    *ret_rows = *rows;
    ((struct rows *)rows)->result = NULL;
}

void rows_free(struct rows *rows)
{
    PQclear((PGresult *)rows->result);
    rows->result = NULL;
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

/* Leaves out what stands in double quotes. */
static void hide_quoted(char *text)
{
    char *to = text;
    bool is_quoted = false;
    for (const char *from = text; *from; from++) {
        if (!is_quoted || *from == '"')
            *to++ = *from;
        is_quoted ^= *from == '"';
    }
    *to = '\0';
}

/* The message of a data exception (class 22) quotes the value. Other messages quote only names; the
 * detail, which may hold a whole row, is never taken. */
void result_error(const PGresult *result, const char *statement, struct db_error *ret_error)
{
    ret_error->statement = statement;
    snprintf(ret_error->sqlstate, sizeof ret_error->sqlstate, "%s", result_sqlstate(result));
    snprintf(ret_error->message, sizeof ret_error->message, "%s",
             field(result, PG_DIAG_MESSAGE_PRIMARY));
    if (strncmp(ret_error->sqlstate, "22", 2) == 0)
        hide_quoted(ret_error->message);
    ret_error->constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
}

enum result_cause result_cause(const PGresult *result)
{
    /* Classes and codes of the PostgreSQL manual, appendix A. */
    static const struct {
        const char *start;
        enum result_cause cause;
    } causes[] = {
        {"40", RESULT_CONFLICT},  /* serialization failure, deadlock */
        {"53", RESULT_EXHAUSTED}, /* disk full, out of memory, too many connections */
        {"55P03", RESULT_LOCKED}, /* lock_not_available */
        {"57", RESULT_TIMEOUT},   /* query_canceled, and a server that stops */
        {"0A000", RESULT_STALE},  /* cached plan must not change result type */
        {"42P05", RESULT_STALE},  /* prepared statement exists: a pooler shares the session */
        {"26000", RESULT_STALE},  /* prepared statement does not exist */
        {"25006", RESULT_STALE},  /* read_only_sql_transaction: no longer the primary */
        {"3F000", RESULT_STALE},  /* the schema, … */
        {"42P01", RESULT_STALE},  /* … a table, … */
        {"42703", RESULT_STALE},  /* … a column or … */
        {"42883", RESULT_STALE},  /* … a function is gone, as in a restore */
    };
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
        if (strncmp(result_sqlstate(result), causes[i].start, strlen(causes[i].start)) == 0)
            return causes[i].cause;
    }
    return RESULT_REFUSED;
}

enum db_outcome result_outcome(const PGresult *result)
{
    static const enum db_outcome outcomes[] = {
        [RESULT_REFUSED] = DB_REFUSED, [RESULT_EXHAUSTED] = DB_EXHAUSTED,
        [RESULT_TIMEOUT] = DB_LATE,    [RESULT_CONFLICT] = DB_LATE,
        [RESULT_LOCKED] = DB_LATE,     [RESULT_STALE] = DB_LATE,
    };
    return outcomes[result_cause(result)];
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
