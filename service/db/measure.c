#include "db/measure.h"

static const struct gauge
    connections = {"db_connections", "gauge", "Database connections that are up."},
    connections_wanted = {"db_connections_wanted", "gauge",
                          "Database connections there should be."},
    schema_version = {"db_schema_version", "gauge",
                      "Newest migration the database has; 0: none seen.", .is_greatest = true},
    queries_waiting = {"db_queries_waiting", "gauge", "Queries that wait for a connection."},
    queries_running = {"db_queries_running", "gauge", "Queries sent and not answered yet."},
    reconnects = {"db_reconnects_total", "counter", "Connections that were lost and made again."},
    queries = {"db_queries_total", "counter", "Queries that were answered."},
    failures = {"db_failures_total", "counter", "Queries that failed."},
    resent = {"db_resent_total", "counter", "Queries sent again after a lost connection."},
    batch_size = {"batch_size", "histogram", "Elements that went to the database together."},
    batch_waiting = {"batch_waiting", "gauge", "Elements that wait for the next batch."},
    batch_in_flight = {"batch_in_flight", "gauge", "Batches at the database."},
    batch_reruns = {"batch_reruns_total", "counter", "Batches run again element by element."},
    batch_splits = {"batch_splits_total", "counter", "Batches that met a locked event."};

static const char *const lanes[] = {
    [DB_HOT] = "hot", [DB_LOCKING] = "locking", [DB_SLOW] = "slow", [DB_EXPORT] = "export"};

void measure_db(const struct db *db, struct gauges *gauges)
{
    struct db_state state;
    db_state(db, &state);
    gauges_add(gauges, &connections, (uint64_t)state.connections_up, "%s", "");
    gauges_add(gauges, &connections_wanted, (uint64_t)state.connections_wanted, "%s", "");
    gauges_add(gauges, &schema_version, (uint64_t)state.schema_version_found, "%s", "");
    for (int lane = DB_HOT; lane <= DB_EXPORT; lane++) {
        gauges_add(gauges, &queries_waiting, state.waiting[lane], "{lane=\"%s\"}", lanes[lane]);
        gauges_add(gauges, &queries_running, state.running[lane], "{lane=\"%s\"}", lanes[lane]);
    }
    gauges_add(gauges, &reconnects, state.reconnects, "%s", "");
    gauges_add(gauges, &queries, state.queries, "%s", "");
    gauges_add(gauges, &failures, state.failures, "%s", "");
    gauges_add(gauges, &resent, state.resent, "%s", "");
}

void measure_batcher(const struct batcher *batcher, struct gauges *gauges)
{
    const char *name = batcher_kind(batcher)->name;
    struct batch_state state;
    uint64_t sum = 0;
    batcher_state(batcher, &state);
    for (int s = 0; s < BATCH_SIZE_BUCKETS - 1; s++) {
        sum += state.sizes[s];
        gauges_add(gauges, &batch_size, sum, "_bucket{batch=\"%s\",le=\"%d\"}", name, 1 << s);
    }
    gauges_add(gauges, &batch_size, state.batches, "_bucket{batch=\"%s\",le=\"+Inf\"}", name);
    gauges_add(gauges, &batch_size, state.elements, "_sum{batch=\"%s\"}", name);
    gauges_add(gauges, &batch_size, state.batches, "_count{batch=\"%s\"}", name);
    gauges_add(gauges, &batch_waiting, state.waiting, "{batch=\"%s\"}", name);
    gauges_add(gauges, &batch_in_flight, state.in_flight, "{batch=\"%s\"}", name);
    gauges_add(gauges, &batch_reruns, state.reruns, "{batch=\"%s\"}", name);
    gauges_add(gauges, &batch_splits, state.splits, "{batch=\"%s\"}", name);
}
