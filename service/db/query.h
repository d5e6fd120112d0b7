/* A running db_query: a job of its lane, an exchange on its connection. */
#ifndef EINLASS_DB_QUERY_H
#define EINLASS_DB_QUERY_H

#include "db/db.h"

struct lane;

/* The counters of a db. */
struct query_counts {
    uint64_t queries, failures, resent;
};

/*
 * Starts or queues a query. It calls on_done from the loop and frees itself. False: the queue is
 * full, and nothing was taken.
 */
MUST_CHECK bool query_start(struct lane *lane, const struct db_query *asked,
                            struct query_counts *counts);

#endif
