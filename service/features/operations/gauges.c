#include "features/operations/gauges.h"

#include <inttypes.h>
#include <pthread.h>

#include "base/memory.h"
#include "db/batch.h"
#include "db/db.h"
#include "http/metrics.h"

enum { BATCHERS = 2, WORKERS_MOST = 64 };

struct snapshot {
    struct db_state db;
    struct batch_state batches[BATCHERS];
    struct mail_counts mails;
};

struct gauges {
    pthread_mutex_t lock;
    int workers;
    struct listener *listeners[WORKERS_MOST];
    struct snapshot snapshots[WORKERS_MOST];
};

static const char *const batch_names[BATCHERS] = {"sign_up", "check_in"};

struct gauges *gauges_create(int workers)
{
    struct gauges *gauges = memory_alloc(sizeof *gauges);
    pthread_mutex_init(&gauges->lock, NULL);
    gauges->workers = workers;
    return gauges;
}

void gauges_destroy(struct gauges *gauges)
{
    if (!gauges)
        return;
    pthread_mutex_destroy(&gauges->lock);
    free(gauges);
}

void gauges_set_listener(struct gauges *gauges, int worker, struct listener *listener)
{
    pthread_mutex_lock(&gauges->lock);
    gauges->listeners[worker] = listener;
    pthread_mutex_unlock(&gauges->lock);
}

void gauges_publish(const struct worker *worker)
{
    struct snapshot snapshot = {0};
    db_state(worker->db, &snapshot.db);
    if (worker->sign_ups)
        batcher_state(worker->sign_ups, &snapshot.batches[0]);
    if (worker->check_ins)
        batcher_state(worker->check_ins, &snapshot.batches[1]);
    snapshot.mails = worker->mails;
    pthread_mutex_lock(&worker->gauges->lock);
    worker->gauges->snapshots[worker->index] = snapshot;
    pthread_mutex_unlock(&worker->gauges->lock);
}

/* --- Writing --------------------------------------------------------------------------------- */

static void head(struct buffer *out, const char *name, const char *type, const char *help)
{
    buffer_printf(out, "# HELP einlass_%s %s\n# TYPE einlass_%s %s\n", name, help, name, type);
}

static void one(struct buffer *out, const char *name, const char *type, const char *help,
                uint64_t value)
{
    head(out, name, type, help);
    buffer_printf(out, "einlass_%s %" PRIu64 "\n", name, value);
}

static void add_up(struct gauges *gauges, struct snapshot *ret)
{
    *ret = (struct snapshot){0};
    for (int w = 0; w < gauges->workers; w++) {
        const struct snapshot *from = &gauges->snapshots[w];
        ret->db.connections_up += from->db.connections_up;
        ret->db.connections_wanted += from->db.connections_wanted;
        ret->db.hot_waiting += from->db.hot_waiting;
        ret->db.hot_running += from->db.hot_running;
        ret->db.slow_waiting += from->db.slow_waiting;
        ret->db.slow_running += from->db.slow_running;
        ret->db.reconnects += from->db.reconnects;
        ret->db.queries += from->db.queries;
        ret->db.failures += from->db.failures;
        ret->db.resent += from->db.resent;
        ret->mails.sent += from->mails.sent;
        ret->mails.put_off += from->mails.put_off;
        ret->mails.failed += from->mails.failed;
        ret->mails.obsolete += from->mails.obsolete;
        if (from->db.schema_version_found > ret->db.schema_version_found)
            ret->db.schema_version_found = from->db.schema_version_found;
        for (int b = 0; b < BATCHERS; b++) {
            const struct batch_state *batch = &from->batches[b];
            ret->batches[b].batches += batch->batches;
            ret->batches[b].elements += batch->elements;
            ret->batches[b].reruns += batch->reruns;
            ret->batches[b].waiting += batch->waiting;
            ret->batches[b].in_flight += batch->in_flight;
            for (int s = 0; s < BATCH_SIZE_BUCKETS; s++)
                ret->batches[b].sizes[s] += batch->sizes[s];
        }
    }
}

static void write_db(const struct db_state *db, struct buffer *out)
{
    one(out, "db_connections", "gauge", "Database connections that are up.",
        (uint64_t)db->connections_up);
    one(out, "db_connections_wanted", "gauge", "Database connections there should be.",
        (uint64_t)db->connections_wanted);
    one(out, "db_schema_version", "gauge", "Newest migration the database has; 0: none seen.",
        (uint64_t)db->schema_version_found);
    head(out, "db_queries_waiting", "gauge", "Queries that wait for a connection.");
    buffer_printf(out, "einlass_db_queries_waiting{lane=\"hot\"} %zu\n", db->hot_waiting);
    buffer_printf(out, "einlass_db_queries_waiting{lane=\"slow\"} %zu\n", db->slow_waiting);
    head(out, "db_queries_running", "gauge", "Queries sent and not answered yet.");
    buffer_printf(out, "einlass_db_queries_running{lane=\"hot\"} %zu\n", db->hot_running);
    buffer_printf(out, "einlass_db_queries_running{lane=\"slow\"} %zu\n", db->slow_running);
    one(out, "db_reconnects_total", "counter", "Connections that were lost and made again.",
        db->reconnects);
    one(out, "db_queries_total", "counter", "Queries that were answered.", db->queries);
    one(out, "db_failures_total", "counter", "Queries that failed.", db->failures);
    one(out, "db_resent_total", "counter", "Queries sent again after a lost connection.",
        db->resent);
}

static void write_sizes(const char *name, const struct batch_state *batch, struct buffer *out)
{
    uint64_t sum = 0;
    for (int s = 0; s < BATCH_SIZE_BUCKETS - 1; s++) {
        sum += batch->sizes[s];
        buffer_printf(out, "einlass_batch_size_bucket{batch=\"%s\",le=\"%d\"} %" PRIu64 "\n", name,
                      1 << s, sum);
    }
    buffer_printf(out, "einlass_batch_size_bucket{batch=\"%s\",le=\"+Inf\"} %" PRIu64 "\n", name,
                  batch->batches);
    buffer_printf(out, "einlass_batch_size_sum{batch=\"%s\"} %" PRIu64 "\n", name, batch->elements);
    buffer_printf(out, "einlass_batch_size_count{batch=\"%s\"} %" PRIu64 "\n", name,
                  batch->batches);
}

static void write_batches(const struct batch_state *batches, struct buffer *out)
{
    head(out, "batch_size", "histogram", "Elements that went to the database together.");
    for (int b = 0; b < BATCHERS; b++)
        write_sizes(batch_names[b], &batches[b], out);
    head(out, "batch_waiting", "gauge", "Elements that wait for the next batch.");
    for (int b = 0; b < BATCHERS; b++)
        buffer_printf(out, "einlass_batch_waiting{batch=\"%s\"} %zu\n", batch_names[b],
                      batches[b].waiting);
    head(out, "batch_in_flight", "gauge", "Batches at the database.");
    for (int b = 0; b < BATCHERS; b++)
        buffer_printf(out, "einlass_batch_in_flight{batch=\"%s\"} %zu\n", batch_names[b],
                      batches[b].in_flight);
    head(out, "batch_reruns_total", "counter", "Batches run again element by element.");
    for (int b = 0; b < BATCHERS; b++)
        buffer_printf(out, "einlass_batch_reruns_total{batch=\"%s\"} %" PRIu64 "\n", batch_names[b],
                      batches[b].reruns);
}

static void write_mails(const struct mail_counts *mails, struct buffer *out)
{
    head(out, "mails_total", "counter", "What became of mails: attempts by their outcome.");
    buffer_printf(out, "einlass_mails_total{outcome=\"sent\"} %" PRIu64 "\n", mails->sent);
    buffer_printf(out, "einlass_mails_total{outcome=\"put_off\"} %" PRIu64 "\n", mails->put_off);
    buffer_printf(out, "einlass_mails_total{outcome=\"failed\"} %" PRIu64 "\n", mails->failed);
    buffer_printf(out, "einlass_mails_total{outcome=\"obsolete\"} %" PRIu64 "\n", mails->obsolete);
}

void gauges_write(struct gauges *gauges, struct buffer *out)
{
    struct snapshot sum;
    struct listener *listeners[WORKERS_MOST];
    int count = 0;
    pthread_mutex_lock(&gauges->lock);
    add_up(gauges, &sum);
    for (int w = 0; w < gauges->workers; w++) {
        if (gauges->listeners[w])
            listeners[count++] = gauges->listeners[w];
    }
    metrics_write(listeners, count, out);
    pthread_mutex_unlock(&gauges->lock);
    write_db(&sum.db, out);
    write_batches(sum.batches, out);
    write_mails(&sum.mails, out);
}
