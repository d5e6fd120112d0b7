/*
 * Opens libpq connections with the service's defaults: UTF-8, TCP timeouts of seconds for dead
 * peers, a writable server if the conninfo names several hosts. The conninfo may override all but
 * the encoding.
 */
#ifndef EINLASS_DB_CONNINFO_H
#define EINLASS_DB_CONNINFO_H

#include <stdbool.h>

#include <libpq-fe.h>

#include "base/buffer.h"

/* Like PQconnectStartParams(): continue with PQconnectPoll(). The lookup of a host name blocks. If
 * name service is slow, use addresses or /etc/hosts. */
PGconn *conninfo_start(const char *conninfo);

/* Blocks; for commands. Check PQstatus(). */
PGconn *conninfo_open(const char *conninfo);

/* The session settings that every statement may rely on (UTC, ISO dates, …), as SQL without
 * parameters that gives one row. */
extern const char conninfo_settings[];

/* Appends what went wrong with the connection as one sentence without a line feed. */
void conninfo_error(const PGconn *connection, struct buffer *sentence);

/* Whether the connection failed for a reason that waiting does not mend: wrong password or name. */
bool conninfo_is_hopeless(const PGconn *connection);

#endif
