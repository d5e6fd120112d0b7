#include "db/primary.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "base/clock.h"
#include "base/log.h"

enum {
    PATH_MOST = 4096,
    SHARED_MOST = 2, /* a session may end later for us than for the pooler */
};

#define POOLER_FORBIDDEN_US (30 * CLOCK_SECOND_US)

struct primary {
    struct primary_options options;
    char path[PATH_MOST], draft[PATH_MOST], fingerprint[PRIMARY_FINGERPRINT_TEXT_BYTES];
    _Atomic int64_t timeline;  /* the highest of the cluster; 0: none seen */
    _Atomic int64_t pooled_us; /* when a pooler in transaction mode was found last; 0: never */

    pthread_mutex_t lock; /* guards all members below */
    char cluster[24];     /* "": none seen by this process */
    struct primary_facts facts;
    bool is_known_not_durable;
    int open, refused;
    int shared;        /* backends found with two sessions, no 30 s between each and the next */
    int64_t shared_us; /* the last one */
    int *backends;
    size_t backend_count, backend_room;
};

const char primary_sql[] =
    "select pg_backend_pid(), (select system_identifier from pg_control_system()), "
    "case when pg_is_in_recovery() then 0 "
    "else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint end, "
    "current_setting('fsync')::boolean, current_setting('full_page_writes')::boolean, "
    "current_setting('synchronous_commit') <> 'off', "
    "current_setting('synchronous_commit') = 'local' "
    "and current_setting('synchronous_standby_names') <> ''";

const char primary_old_sentence[] = "the service has seen a newer primary of this cluster";
const char primary_pooled_sentence[] =
    "a connection pooler in transaction mode stands before the database, and the service needs "
    "sessions: set pool_mode = session in PgBouncer, or connect to PostgreSQL itself";
const char primary_keys_sentence[] = "the file \"secret\" in the directory of keys is not the one "
                                     "of this database, so all its links "
                                     "and tickets would be refused: put the right keys back; or "
                                     "run \"einlass keys accept\" to go on "
                                     "with these keys";

static bool is_true(const PGresult *result, int column)
{
    return *PQgetvalue(result, 0, column) == 't';
}

void primary_read(const PGresult *result, struct primary_facts *ret_facts)
{
    *ret_facts = (struct primary_facts){
        .backend = (int)strtol(PQgetvalue(result, 0, 0), NULL, 10),
        .timeline = strtoll(PQgetvalue(result, 0, 2), NULL, 10),
        .has_settings = true,
        .fsync = is_true(result, 3),
        .full_page_writes = is_true(result, 4),
        .synchronous_commit = is_true(result, 5),
        .leaves_standbys = is_true(result, 6),
    };
    snprintf(ret_facts->cluster, sizeof ret_facts->cluster, "%s", PQgetvalue(result, 0, 1));
}

void primary_not_durable(const struct primary_facts *facts, struct buffer *names)
{
    const struct {
        const char *name;
        bool is_on;
    } settings[] = {{"fsync", facts->fsync},
                    {"full_page_writes", facts->full_page_writes},
                    {"synchronous_commit", facts->synchronous_commit}};
    for (size_t i = 0; facts->has_settings && i < sizeof settings / sizeof *settings; i++) {
        if (!settings[i].is_on)
            buffer_printf(names, "%s%s", names->length > 0 ? ", " : "", settings[i].name);
    }
}

/* --- The file -------------------------------------------------------------------------------- */

/* Gives 0 for a missing or damaged file, and for one of another cluster. */
static int64_t read_timeline(const struct primary *primary, const char *cluster)
{
    char known[24] = "";
    int64_t timeline = 0;
    FILE *file = primary->options.directory ? fopen(primary->path, "re") : NULL;
    if (!file)
        return 0;
    bool is_whole = fscanf(file, "%23s %" SCNd64, known, &timeline) == 2;
    fclose(file);
    return is_whole && strcmp(known, cluster) == 0 && timeline > 0 ? timeline : 0;
}

static bool write_draft(const struct primary *primary, const char *cluster, int64_t timeline)
{
    char text[64];
    int length = snprintf(text, sizeof text, "%s %" PRId64 "\n", cluster, timeline);
    int file = open(primary->draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return false;
    bool good = write(file, text, (size_t)length) == length && fsync(file) == 0;
    return close(file) == 0 && good;
}

static void write_timeline(const struct primary *primary, const char *cluster, int64_t timeline)
{
    if (!primary->options.directory)
        return;
    if (!write_draft(primary, cluster, timeline) || rename(primary->draft, primary->path) != 0)
        log_event(LOG_WARNING, "timeline_not_kept", log_text("file", primary->path),
                  log_text("reason", strerror(errno)));
}

/* --- The process ----------------------------------------------------------------------------- */

struct primary *primary_create(const struct primary_options *options)
{
    struct primary *primary = memory_alloc(sizeof *primary);
    primary->options = *options;
    snprintf(primary->fingerprint, sizeof primary->fingerprint, "%s",
             options->fingerprint ? options->fingerprint : "");
    if (options->directory) {
        snprintf(primary->path, sizeof primary->path, "%s/timeline", options->directory);
        snprintf(primary->draft, sizeof primary->draft, "%s/.timeline-%d", options->directory,
                 (int)getpid());
    }
    pthread_mutex_init(&primary->lock, NULL);
    return primary;
}

void primary_destroy(struct primary *primary)
{
    if (!primary)
        return;
    pthread_mutex_destroy(&primary->lock);
    free(primary->backends);
    free(primary);
}

/* Says once for a server that it may lose answers in a crash. */
static void note_settings(struct primary *primary, const struct primary_facts *facts)
{
    struct buffer names = {0};
    primary->facts = *facts;
    primary_not_durable(facts, &names);
    if (names.length > 0 && !primary->is_known_not_durable)
        log_event(LOG_WARNING, "database_not_durable", log_text("off", buffer_text(&names)));
    primary->is_known_not_durable = names.length > 0;
    buffer_finish(&names);
}

static enum db_absence judge(struct primary *primary, const struct primary_facts *facts,
                             struct buffer *sentence)
{
    if (*primary->cluster && strcmp(primary->cluster, facts->cluster) != 0) {
        buffer_printf(sentence,
                      "this is another database cluster (%s) than before (%s): restart the "
                      "service if you want it to go on with this one",
                      facts->cluster, primary->cluster);
        return DB_OTHER_CLUSTER;
    }
    memcpy(primary->cluster, facts->cluster, sizeof primary->cluster);
    int64_t kept = read_timeline(primary, facts->cluster), seen = atomic_load(&primary->timeline);
    int64_t highest = kept > seen ? kept : seen;
    if (facts->timeline < highest) {
        atomic_store(&primary->timeline, highest);
        buffer_printf(sentence,
                      "this server is an old primary: it is on timeline %" PRId64
                      ", and the service has seen timeline %" PRId64,
                      facts->timeline, highest);
        return DB_OLD_PRIMARY;
    }
    if (facts->timeline > seen && !primary->options.reads_only) {
        log_event(LOG_INFO, "database_timeline", log_text("cluster", facts->cluster),
                  log_number("timeline", facts->timeline));
        if (facts->timeline > kept)
            write_timeline(primary, facts->cluster, facts->timeline);
    }
    atomic_store(&primary->timeline, facts->timeline);
    return DB_PRESENT;
}

enum db_absence primary_judge(struct primary *primary, const struct primary_facts *facts,
                              struct buffer *sentence)
{
    if (!primary || !facts->has_settings)
        return DB_PRESENT;
    pthread_mutex_lock(&primary->lock);
    enum db_absence absence = facts->timeline > 0 ? judge(primary, facts, sentence) : DB_PRESENT;
    if (absence == DB_PRESENT && !primary->options.reads_only)
        note_settings(primary, facts);
    pthread_mutex_unlock(&primary->lock);
    return absence;
}

bool primary_is_behind(const struct primary *primary, int64_t timeline)
{
    return primary && timeline > 0 &&
           timeline < atomic_load_explicit(&primary->timeline, memory_order_relaxed);
}

const char *primary_fingerprint(const struct primary *primary)
{
    return primary && *primary->fingerprint ? primary->fingerprint : NULL;
}

/* --- The connections ------------------------------------------------------------------------- */

static int *find_backend(struct primary *primary, int backend)
{
    for (size_t i = 0; i < primary->backend_count; i++) {
        if (primary->backends[i] == backend)
            return &primary->backends[i];
    }
    return NULL;
}

static void add_backend(struct primary *primary, int backend)
{
    if (primary->backend_count == primary->backend_room) {
        primary->backend_room = 2 * primary->backend_room + 16;
        primary->backends =
            memory_grow(primary->backends, primary->backend_room * sizeof *primary->backends);
    }
    primary->backends[primary->backend_count++] = backend;
}

void primary_note_pooler(struct primary *primary)
{
    if (primary)
        atomic_store(&primary->pooled_us, clock_monotonic_us());
}

bool primary_forbids_poolers(const struct primary *primary)
{
    return primary_is_pooled_since(primary, clock_monotonic_us() - POOLER_FORBIDDEN_US);
}

bool primary_is_pooled_since(const struct primary *primary, int64_t time_us)
{
    int64_t pooled_us =
        primary ? atomic_load_explicit(&primary->pooled_us, memory_order_relaxed) : 0;
    return pooled_us > 0 && pooled_us >= time_us;
}

static void note_shared(struct primary *primary)
{
    int64_t now_us = clock_monotonic_us();
    bool is_again = primary->shared > 0 && now_us - primary->shared_us < POOLER_FORBIDDEN_US;
    primary->shared = is_again ? primary->shared + 1 : 1;
    primary->shared_us = now_us;
    if (primary->shared > SHARED_MOST)
        primary_note_pooler(primary);
}

bool primary_enter(struct primary *primary, int backend)
{
    if (!primary)
        return true;
    pthread_mutex_lock(&primary->lock);
    bool is_free = !find_backend(primary, backend);
    if (is_free)
        add_backend(primary, backend);
    else
        note_shared(primary);
    pthread_mutex_unlock(&primary->lock);
    return is_free;
}

void primary_leave(struct primary *primary, int backend)
{
    if (!primary)
        return;
    pthread_mutex_lock(&primary->lock);
    int *at = find_backend(primary, backend);
    if (at)
        *at = primary->backends[--primary->backend_count];
    pthread_mutex_unlock(&primary->lock);
}

void primary_count(struct primary *primary, int open, int refused)
{
    if (!primary)
        return;
    pthread_mutex_lock(&primary->lock);
    bool is_first = primary->refused == 0 && refused > 0;
    primary->open += open;
    primary->refused += refused;
    if (is_first)
        log_event(LOG_WARNING, "too_few_connections",
                  log_number("needed", primary->options.connections_needed),
                  log_number("open", primary->open));
    pthread_mutex_unlock(&primary->lock);
}

void primary_state(struct primary *primary, struct primary_state *ret_state)
{
    *ret_state = (struct primary_state){0};
    if (!primary)
        return;
    pthread_mutex_lock(&primary->lock);
    *ret_state = (struct primary_state){
        .connections_needed = primary->options.connections_needed,
        .connections_open = primary->open,
        .has_too_few = primary->refused > 0,
        .fsync_is_off = primary->facts.has_settings && !primary->facts.fsync,
        .full_page_writes_is_off = primary->facts.has_settings && !primary->facts.full_page_writes,
    };
    pthread_mutex_unlock(&primary->lock);
}
