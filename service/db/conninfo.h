/*
 * Opening libpq connections the way the service wants them: UTF-8, dead peers noticed within
 * seconds, a server that can be written to where several hosts are named. All of it are defaults
 * that the conninfo may override, but for the encoding.
 */
#ifndef EINLASS_DB_CONNINFO_H
#define EINLASS_DB_CONNINFO_H

#include <stdbool.h>

#include <libpq-fe.h>

#include "base/buffer.h"

/* As PQconnectStartParams(): to be driven with PQconnectPoll(). A host name is looked up here and
 * now; name hosts with addresses, or in /etc/hosts, where name service is slow. */
PGconn *conninfo_start(const char *conninfo);

/* Blocking, for commands; look at PQstatus(). */
PGconn *conninfo_open(const char *conninfo);

/* The session settings that every statement may rely on (UTC, ISO dates, …), as SQL without
 * parameters that gives one row. */
extern const char conninfo_settings[];

/* Appends what went wrong with the connection as one sentence without a line feed. */
void conninfo_error(const PGconn *connection, struct buffer *sentence);

/* Whether the connection failed for a reason that waiting does not mend: wrong password or name. */
bool conninfo_is_hopeless(const PGconn *connection);

#endif
