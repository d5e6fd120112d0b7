#include "serve.h"

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/pool.h"
#include "db/db.h"
#include "db/migrate.h"
#include "db/notify.h"
#include "db/primary.h"
#include "features/account/identify.h"
#include "event/event_change.h"
#include "event/links.h"
#include "features/feature.h"
#include "http/assets.h"
#include "http/listener.h"
#include "http/listening.h"
#include "security/keyring.h"
#include "statements.h"
#include "view/asset.h"
#include "view/locale.h"

enum {
    POOL_THREADS = 2,
    POOL_WAITING_MOST = 200, /* limit: jobs that wait for a thread, per process */
    HOT_CONNECTIONS = 2,
    LOCKING_CONNECTIONS = 3,
    SLOW_CONNECTIONS = 4,
    EXPORT_CONNECTIONS = 1, /* exports take turns, a portion each */
    LISTENING_CONNECTIONS = 1,
    QUERIES_MOST = 20000,  /* limit: waiting queries, per worker and lane */
    DEADLINE_S = 30,       /* limit: time until a request is answered */
    QUERY_DEADLINE_S = 25, /* limit: time until a query is answered */
    READ_TIMEOUT_S = 60,   /* limit: a client's silence while it sends */
    TRANSFER_S = 1800,     /* limit: time for a client to read an answer, such as an export */
    DRAIN_S = 30,          /* limit: time that a stop gives downloads and earlier requests */
    DRAIN_STREAMS_S = 10,  /* limit: time that a stop gives live streams */
    DRAIN_LAST_S = 5,      /* limit: the same for slow clients, once nobody new is let in */
};

struct service;

/* Keys that a reload replaced. A worker may still use them until it wakes up. */
struct old_keyring {
    struct old_keyring *next;
    struct keyring *keyring;
};

struct worker_thread {
    struct worker worker;
    struct service *service;
    pthread_t handle;
    int wake_fd; /* wakes the loop to drain or to take new keys */
    struct event *on_wake, *on_pool;
    struct listener *listener;
    struct notify *notify;
    bool draining;
};

/* The process, shared by all workers. */
struct service {
    const struct config *config;
    struct router *router;
    struct locale_set *locales;
    struct listening *listening;
    struct worker_shared *shared;
    struct primary *primary;
    struct pool *pool;

    pthread_mutex_t lock; /* guards all members below */
    struct keyring *keyring;
    struct old_keyring *old_keyrings; /* freed when no worker uses them */
    bool drain;
    int64_t drain_delay_us;
    char fatal[512]; /* why the service cannot start; "" if it can */
    bool has_been_ready;

    int fatal_fd;
    int thread_count;
    struct worker_thread threads[];
};

static void wake(int fd)
{
    uint64_t one = 1;
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR)
        continue;
}

static void rest(int fd)
{
    uint64_t count;
    while (read(fd, &count, sizeof count) < 0 && errno == EINTR)
        continue;
}

/* --- One worker ------------------------------------------------------------------------------ */

static void on_ready(void *context)
{
    struct worker_thread *thread = context;
    struct service *service = thread->service;
    pthread_mutex_lock(&service->lock);
    service->has_been_ready = true;
    pthread_mutex_unlock(&service->lock);
}

/* A mistake in the settings ends the start. A service that has been ready has right settings and
 * waits: somebody restores, renames or closes the database for a while. */
static void on_fatal(void *context, const char *sentence)
{
    struct worker_thread *thread = context;
    struct service *service = thread->service;
    pthread_mutex_lock(&service->lock);
    bool ends = !service->has_been_ready;
    if (ends)
        snprintf(service->fatal, sizeof service->fatal, "%s", sentence);
    pthread_mutex_unlock(&service->lock);
    if (!ends)
        return;
    log_event(LOG_ERROR, "database_does_not_fit", log_text("reason", sentence));
    wake(service->fatal_fd);
}

static void on_notice(void *context, const char *payload)
{
    struct worker_thread *thread = context;
    for (const struct feature *const *at = all_features; *at; at++) {
        if ((*at)->on_notice)
            (*at)->on_notice(&thread->worker, payload);
    }
}

static void on_gap(void *context)
{
    struct worker_thread *thread = context;
    for (const struct feature *const *at = all_features; *at; at++) {
        if ((*at)->on_gap)
            (*at)->on_gap(&thread->worker);
    }
}

static void on_pool(evutil_socket_t fd, short what, void *context)
{
    struct worker_thread *thread = context;
    (void)fd, (void)what;
    pool_outlet_run(thread->worker.pool);
}

static void on_drained(void *context)
{
    struct worker_thread *thread = context;
    event_base_loopbreak(thread->worker.loop);
}

static bool is_used(const struct service *service, const struct keyring *keyring)
{
    for (int i = 0; i < service->thread_count; i++) {
        if (service->threads[i].worker.keyring == keyring)
            return true;
    }
    return false;
}

/* Called with the lock held. */
static void drop_old_keyrings(struct service *service)
{
    for (struct old_keyring **at = &service->old_keyrings, *old; (old = *at);) {
        if (is_used(service, old->keyring)) {
            at = &old->next;
            continue;
        }
        *at = old->next;
        keyring_destroy(old->keyring);
        free(old);
    }
}

static void on_wake(evutil_socket_t fd, short what, void *context)
{
    struct worker_thread *thread = context;
    struct service *service = thread->service;
    (void)what;
    rest(fd);
    pthread_mutex_lock(&service->lock);
    bool drain = service->drain && !thread->draining;
    int64_t delay_us = service->drain_delay_us;
    thread->worker.keyring = service->keyring;
    drop_old_keyrings(service);
    pthread_mutex_unlock(&service->lock);
    if (drain) {
        thread->draining = true;
        listener_drain(thread->listener, delay_us, on_drained, thread);
    }
}

static struct db *make_db(struct worker_thread *thread)
{
    return db_create(&(struct db_options){
        .loop = thread->worker.loop,
        .conninfo = thread->worker.config->database,
        .statements = all_statements,
        .hot_connections = HOT_CONNECTIONS,
        .locking_connections = LOCKING_CONNECTIONS,
        .slow_connections = SLOW_CONNECTIONS,
        .export_connections = EXPORT_CONNECTIONS,
        .queue_most = QUERIES_MOST,
        .deadline_us = QUERY_DEADLINE_S * CLOCK_SECOND_US,
        .schema = migrate_schema(all_migrations, all_functions),
        .primary = thread->service->primary,
        .on_ready = on_ready,
        .on_fatal = on_fatal,
        .context = thread,
    });
}

static void start_features(struct worker_thread *thread)
{
    struct worker *worker = &thread->worker;
    worker->db = make_db(thread);
    for (const struct feature *const *at = all_features; *at; at++) {
        if ((*at)->start)
            (*at)->start(worker);
        periodic_start(worker, (*at)->periodic);
        jobs_start(worker, (*at)->jobs);
    }
    thread->notify = notify_create(&(struct notify_options){
        .loop = worker->loop,
        .conninfo = worker->config->database,
        .primary = thread->service->primary,
        .channel = "einlass",
        .on_notice = on_notice,
        .on_gap = on_gap,
        .context = thread,
    });
}

static void stop_features(struct worker_thread *thread)
{
    size_t count = 0;
    notify_destroy(thread->notify);
    jobs_stop(&thread->worker);
    while (all_features[count])
        count++;
    while (count-- > 0) {
        if (all_features[count]->stop)
            all_features[count]->stop(&thread->worker);
    }
    worker_end_states(&thread->worker);
    db_destroy(thread->worker.db);
}

/* The change list saves one system call per request that does not wait. */
static struct event_base *make_loop(void)
{
    struct event_config *config = event_config_new();
    event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
    struct event_base *loop = event_base_new_with_config(config);
    event_config_free(config);
    return loop;
}

static void open_pool(struct worker_thread *thread)
{
    struct worker *worker = &thread->worker;
    worker->pool = pool_outlet_create(thread->service->pool);
    thread->on_pool = event_new(worker->loop, pool_outlet_fd(worker->pool), EV_READ | EV_PERSIST,
                                on_pool, thread);
    event_add(thread->on_pool, NULL);
}

static bool thread_open(struct worker_thread *thread, struct buffer *ret_error)
{
    struct service *service = thread->service;
    thread->worker.loop = make_loop();
    thread->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    thread->on_wake =
        event_new(thread->worker.loop, thread->wake_fd, EV_READ | EV_PERSIST, on_wake, thread);
    event_add(thread->on_wake, NULL);
    open_pool(thread);
    if (!listener_create(
            &(struct listener_options){
                .loop = thread->worker.loop,
                .worker = &thread->worker,
                .listening = service->listening,
                .router = service->router,
                .locales = service->locales,
                .public_url = service->config->public_url,
                .trusted_proxies = service->config->trusted_proxies,
                .deadline_us = DEADLINE_S * CLOCK_SECOND_US,
                .read_timeout_us = READ_TIMEOUT_S * CLOCK_SECOND_US,
                .transfer_us = TRANSFER_S * CLOCK_SECOND_US,
                .drain = {.serve_us = DRAIN_S * CLOCK_SECOND_US,
                          .streams_us = DRAIN_STREAMS_S * CLOCK_SECOND_US,
                          .last_us = DRAIN_LAST_S * CLOCK_SECOND_US},
                .identify = account_identify,
                .find_scope = events_find_scope,
                .form_bytes = events_form_bytes,
            },
            &thread->listener, ret_error))
        return false;
    thread->worker.listener = thread->listener;
    start_features(thread);
    return true;
}

static void thread_close(struct worker_thread *thread)
{
    if (thread->on_pool)
        event_free(thread->on_pool);
    pool_outlet_destroy(thread->worker.pool);
    if (thread->listener) {
        stop_features(thread);
        listener_destroy(thread->listener);
    }
    if (thread->on_wake)
        event_free(thread->on_wake);
    if (thread->worker.loop)
        event_base_free(thread->worker.loop);
    if (thread->wake_fd >= 0)
        close(thread->wake_fd);
}

static void *run_thread(void *context)
{
    struct worker_thread *thread = context;
    event_base_loop(thread->worker.loop, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}

/* --- The process ----------------------------------------------------------------------------- */

/* The database belongs to one secret, and the connections have compared it. */
static bool has_same_secret(const struct keyring *one, const struct keyring *other)
{
    char texts[2][KEYRING_FINGERPRINT_TEXT_BYTES];
    keyring_fingerprint(one, texts[0]);
    keyring_fingerprint(other, texts[1]);
    return strcmp(texts[0], texts[1]) == 0;
}

static void make_primary(struct service *service)
{
    char fingerprint[KEYRING_FINGERPRINT_TEXT_BYTES];
    keyring_fingerprint(service->keyring, fingerprint);
    service->primary = primary_create(&(struct primary_options){
        .directory = service->config->keys,
        .connections_needed = serve_connections(service->config->workers),
        .fingerprint = fingerprint,
    });
}

static bool load_keys(struct service *service, struct buffer *ret_error)
{
    char error[KEYRING_ERROR_BYTES];
    struct keyring *keyring;
    if (!keyring_load(service->config->keys, &keyring, error)) {
        buffer_add_text(ret_error, error);
        return false;
    }
    if (service->keyring && !has_same_secret(keyring, service->keyring)) {
        buffer_add_text(ret_error, "the file \"secret\" has changed: stop and start the service");
        keyring_destroy(keyring);
        return false;
    }
    pthread_mutex_lock(&service->lock);
    if (service->keyring) {
        struct old_keyring *old = memory_alloc(sizeof *old);
        *old = (struct old_keyring){.next = service->old_keyrings, .keyring = service->keyring};
        service->old_keyrings = old;
    }
    service->keyring = keyring;
    pthread_mutex_unlock(&service->lock);
    return true;
}

static bool make_router(struct service *service, struct buffer *ret_error)
{
    size_t feature_count = 0, count = 0;
    while (all_features[feature_count])
        feature_count++;
    const struct route **tables = memory_alloc((feature_count + 2) * sizeof *tables);
    tables[count++] = assets_routes;
    for (size_t i = 0; i < feature_count; i++) {
        if (all_features[i]->routes)
            tables[count++] = all_features[i]->routes;
    }
    bool made = router_create(tables, &service->router, ret_error);
    free(tables);
    return made;
}

static bool load_shared(struct service *service, struct buffer *ret_error)
{
    char error[LOCALE_ERROR_BYTES];
    if (!load_keys(service, ret_error) || !make_router(service, ret_error))
        return false;
    if (!locale_set_load(asset_all, asset_count, error, &service->locales)) {
        buffer_add_text(ret_error, error);
        return false;
    }
    make_primary(service);
    service->shared = worker_shared_create();
    service->pool = pool_create(POOL_THREADS, POOL_WAITING_MOST);
    return listening_create(service->config->listen, &service->listening, ret_error);
}

static struct service *create(const struct config *config)
{
    struct service *service =
        memory_alloc(sizeof *service + (size_t)config->workers * sizeof *service->threads);
    service->config = config;
    service->fatal_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&service->lock, NULL);
    service->thread_count = config->workers;
    for (int i = 0; i < service->thread_count; i++) {
        service->threads[i].service = service;
        service->threads[i].wake_fd = -1;
    }
    return service;
}

static bool open_threads(struct service *service, struct buffer *ret_error)
{
    for (int i = 0; i < service->thread_count; i++) {
        struct worker_thread *thread = &service->threads[i];
        thread->worker = (struct worker){
            .index = i,
            .config = service->config,
            .keyring = service->keyring,
            .locales = service->locales,
            .shared = service->shared,
        };
        if (!thread_open(thread, ret_error))
            return false;
    }
    return true;
}

static void destroy(struct service *service)
{
    for (int i = 0; i < service->thread_count; i++)
        thread_close(&service->threads[i]);
    pool_destroy(service->pool);
    listening_destroy(service->listening);
    worker_shared_destroy(service->shared);
    primary_destroy(service->primary);
    locale_set_destroy(service->locales);
    router_destroy(service->router);
    for (int i = 0; i < service->thread_count; i++)
        service->threads[i].worker.keyring = NULL;
    drop_old_keyrings(service);
    keyring_destroy(service->keyring);
    pthread_mutex_destroy(&service->lock);
    close(service->fatal_fd);
    free(service);
}

static void tell_all(struct service *service)
{
    for (int i = 0; i < service->thread_count; i++)
        wake(service->threads[i].wake_fd);
}

static void reload(struct service *service, serve_reload *read_again)
{
    struct buffer error;
    enum log_level level;
    buffer_init(&error);
    if (read_again(&level, &error)) {
        log_set_level(level);
        if (load_keys(service, &error))
            tell_all(service);
    }
    if (error.length > 0)
        log_event(LOG_ERROR, "reload_failed", log_text("reason", buffer_text(&error)));
    else
        log_event(LOG_INFO, "reloaded");
    buffer_finish(&error);
}

/* Handles signals until one of them, or a fatal database error, ends the service. Returns the
 * signal; 0: an error. */
static int watch(struct service *service, int signals, serve_reload *read_again)
{
    struct pollfd fds[] = {{.fd = signals, .events = POLLIN},
                           {.fd = service->fatal_fd, .events = POLLIN}};
    for (;;) {
        struct signalfd_siginfo info;
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[1].revents)
            return 0;
        if (read(signals, &info, sizeof info) != sizeof info)
            continue;
        if (info.ssi_signo != SIGHUP)
            return (int)info.ssi_signo;
        reload(service, read_again);
    }
}

/* Returns the number of running threads. If it is too small, `fatal` says why. */
static int start_threads(struct service *service)
{
    for (int i = 0; i < service->thread_count; i++) {
        struct worker_thread *thread = &service->threads[i];
        int error = pthread_create(&thread->handle, NULL, run_thread, thread);
        if (error != 0) {
            snprintf(service->fatal, sizeof service->fatal, "cannot start worker %d: %s", i,
                     strerror(error));
            return i;
        }
    }
    return service->thread_count;
}

static bool run(struct service *service, int signals, serve_reload *read_again)
{
    int started = start_threads(service), ended_by = 0;
    if (started == service->thread_count) {
        log_event(LOG_INFO, "listening", log_text("address", listening_address(service->listening)),
                  log_number("workers", service->thread_count));
        ended_by = watch(service, signals, read_again);
    }
    log_event(LOG_INFO, "draining");
    pthread_mutex_lock(&service->lock);
    service->drain = true;
    /* Nobody balances the load of a service that ends with its terminal, or cannot start. */
    if (ended_by == SIGTERM)
        service->drain_delay_us = service->config->stop_delay_s * CLOCK_SECOND_US;
    pthread_mutex_unlock(&service->lock);
    tell_all(service);
    for (int i = 0; i < started; i++)
        pthread_join(service->threads[i].handle, NULL);
    return ended_by != 0;
}

int serve_connections(int workers)
{
    return workers * (HOT_CONNECTIONS + LOCKING_CONNECTIONS + SLOW_CONNECTIONS +
                      EXPORT_CONNECTIONS + LISTENING_CONNECTIONS) +
           EVENT_CHANGES_AT_ONCE;
}

bool serve(const struct config *config, serve_reload *read_again, struct buffer *ret_error)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    int signals = signalfd(-1, &set, SFD_CLOEXEC);

    struct service *service = create(config);
    bool good = load_shared(service, ret_error) && open_threads(service, ret_error);
    if (good && !run(service, signals, read_again)) {
        buffer_add_text(ret_error, service->fatal);
        good = false;
    }
    destroy(service);
    close(signals);
    if (good)
        log_event(LOG_INFO, "stopped");
    return good;
}
