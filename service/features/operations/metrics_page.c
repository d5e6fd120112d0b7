#include "features/operations/metrics_page.h"

#include <pthread.h>

#include "base/gauges.h"
#include "base/memory.h"
#include "db/measure.h"
#include "features/feature.h"
#include "http/metrics.h"
#include "http/reply.h"

enum { WORKERS_MOST = 64 };

struct published {
    pthread_mutex_t lock;
    struct listener *listeners[WORKERS_MOST]; /* NULL: the worker does not run */
    struct gauges *gauges[WORKERS_MOST];
};

static void *create_published(struct worker *worker)
{
    struct published *published = memory_alloc(sizeof *published);
    (void)worker;
    pthread_mutex_init(&published->lock, NULL);
    return published;
}

static void destroy_published(void *state)
{
    struct published *published = state;
    for (int i = 0; i < WORKERS_MOST; i++)
        gauges_destroy(published->gauges[i]);
    pthread_mutex_destroy(&published->lock);
    free(published);
}

static const struct worker_slot published_slot = {
    .name = "metrics", .shared = true, .create = create_published, .destroy = destroy_published};

void metrics_page_publish(struct worker *worker)
{
    struct published *published = worker_state(worker, &published_slot);
    pthread_mutex_lock(&published->lock);
    struct gauges **at = &published->gauges[worker->index];
    if (!*at)
        *at = gauges_create();
    struct gauges *gauges = *at;
    gauges_clear(gauges);
    measure_db(worker->db, gauges);
    for (const struct feature *const *feature = all_features; *feature; feature++) {
        if ((*feature)->measure)
            (*feature)->measure(worker, gauges);
    }
    pthread_mutex_unlock(&published->lock);
}

static void set_listener(struct worker *worker, struct listener *listener)
{
    struct published *published = worker_state(worker, &published_slot);
    pthread_mutex_lock(&published->lock);
    published->listeners[worker->index] = listener;
    pthread_mutex_unlock(&published->lock);
}

void metrics_page_start(struct worker *worker)
{
    set_listener(worker, worker->listener);
}

void metrics_page_stop(struct worker *worker)
{
    set_listener(worker, NULL);
}

static void write_all(struct published *published, struct buffer *out)
{
    struct listener *listeners[WORKERS_MOST];
    struct gauges *sum = gauges_create();
    int count = 0;
    pthread_mutex_lock(&published->lock);
    for (int w = 0; w < WORKERS_MOST; w++) {
        if (published->gauges[w])
            gauges_add_all(sum, published->gauges[w]);
        if (published->listeners[w])
            listeners[count++] = published->listeners[w];
    }
    metrics_write(listeners, count, out);
    pthread_mutex_unlock(&published->lock);
    gauges_write(sum, out);
    gauges_destroy(sum);
}

void metrics_page_show(struct request *request)
{
    struct worker *worker = request_worker(request);
    struct buffer text;
    buffer_init(&text);
    metrics_page_publish(worker);
    write_all(worker_state(worker, &published_slot), &text);
    reply_bytes(request, 200, "text/plain; version=0.0.4; charset=utf-8", buffer_text(&text),
                text.length);
    buffer_finish(&text);
}
