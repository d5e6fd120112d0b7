#include "db/conninfo.h"

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
