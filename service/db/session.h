/*
 * A blocking connection for commands such as `einlass event apply`. It runs one statement after the
 * other, in one transaction if asked. Errors are sentences for standard error.
 */
#ifndef EINLASS_DB_SESSION_H
#define EINLASS_DB_SESSION_H

#include <stdbool.h>

#include "base/memory.h"
#include "db/primary.h"
#include "db/schema.h"
#include "db/statement.h"
#include "db/values.h"

struct db_session;

/* Connects; refuses another schema than `needed`, and what the primary (may be NULL) does not
 * accept except for other keys and poolers. Replaces ret_error by the error as one sentence
 * without a line feed. */
MUST_CHECK bool db_session_open(const char *conninfo, struct schema needed, struct primary *primary,
                                struct db_session **ret_session, struct buffer *ret_error);
void db_session_close(struct db_session *session);

/* What the server said of itself. */
const struct primary_facts *db_session_server(const struct db_session *session);

/* Whether a pooler stands before the server, and whether it is in transaction mode; `other` is a
 * second session. */
bool db_session_has_pooler(const struct db_session *session);
bool db_session_is_pooled(struct db_session *session, struct db_session *other);

MUST_CHECK bool db_session_begin(struct db_session *session);
MUST_CHECK bool db_session_commit(struct db_session *session);
void db_session_rollback(struct db_session *session);

/* Ends statements that wait for a lock, or run, for longer. */
MUST_CHECK bool db_session_time_out(struct db_session *session, int lock_ms, int statement_ms);

/* For statements that find rows by key: makes the plans of the hot lane, which do not depend on how
 * large the tables were when they were last analysed. */
MUST_CHECK bool db_session_plan_by_key(struct db_session *session);

/* Runs a statement and takes the params. The rows are valid until the next call on the session.
 * NULL: it failed, see db_session_error(). */
const struct rows *db_session_run(struct db_session *session, struct params *params);

const char *db_session_error(const struct db_session *session);

/* The SQLSTATE of the last call, for logs: without values of the statement. "": the connection
 * died, or it succeeded. */
const char *db_session_sqlstate(const struct db_session *session);

#endif
