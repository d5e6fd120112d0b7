/*
 * Runs one statement again and again on one connection, each after the answer to the one before.
 * Measures what a single guest waits for, as load does with --connections 1.
 *
 *   alone CONNINFO STATEMENT SECONDS FIRST
 *
 * $1 of the statement is a number, which counts from FIRST. Each execution must give a row. Prints
 * one JSON object.
 */
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "latency.h"

static void die(const PGconn *connection)
{
    fprintf(stderr, "alone: %s\n", PQerrorMessage(connection));
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * (int64_t)1000000000 + now.tv_nsec;
}

static PGconn *prepare(const char *conninfo, const char *statement)
{
    PGconn *connection = PQconnectdb(conninfo);
    if (PQstatus(connection) != CONNECTION_OK)
        die(connection);
    PGresult *result = PQprepare(connection, "it", statement, 0, NULL);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        die(connection);
    PQclear(result);
    return connection;
}

static void execute(PGconn *connection, uint64_t number)
{
    char digits[24];
    const char *values[] = {digits};
    snprintf(digits, sizeof digits, "%" PRIu64, number);
    PGresult *result = PQexecPrepared(connection, "it", 1, values, NULL, NULL, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1)
        die(connection);
    PQclear(result);
}

int main(int argc, char **argv)
{
    static struct latency latency;
    if (argc != 5) {
        fputs("alone CONNINFO STATEMENT SECONDS FIRST\n", stderr);
        return 2;
    }
    PGconn *connection = prepare(argv[1], argv[2]);
    int64_t end_at_ns = now_ns() + (int64_t)(strtod(argv[3], NULL) * 1e9);
    uint64_t number = strtoull(argv[4], NULL, 10);
    for (int64_t sent_at_ns; (sent_at_ns = now_ns()) < end_at_ns;) {
        execute(connection, number++);
        latency_add(&latency, now_ns() - sent_at_ns);
    }
    PQfinish(connection);
    printf("{\"answered\": %" PRIu64 ", \"p50_ms\": %.3f, \"p99_ms\": %.3f}\n", latency.count,
           latency_ms(&latency, 0.5), latency_ms(&latency, 0.99));
    return 0;
}
