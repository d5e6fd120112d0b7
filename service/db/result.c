#include "db/result.h"

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
