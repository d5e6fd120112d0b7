/* One db_query on its way: a job of its lane, an exchange on its connection. */
#ifndef EINLASS_DB_QUERY_H
#define EINLASS_DB_QUERY_H

#include "db/db.h"

struct lane;

/* Counted by all queries of a db. */
struct query_counts {
    uint64_t queries, failures, resent;
};

/*
 * Starts it, or queues it, or answers false where the queue is full: then nothing was taken. The
 * query answers through its on_done, from the loop, and frees itself.
 */
MUST_CHECK bool query_start(struct lane *lane, const struct db_query *asked,
                            struct query_counts *counts);

#endif
