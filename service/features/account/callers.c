#include "features/account/callers.h"

#include <sys/queue.h>

#include "base/memory.h"
#include "worker.h"

enum { SLOTS = 16384 };

struct entry {
    unsigned char hash[SECRET_HASH_BYTES];
    struct caller caller;
    int64_t fresh_until_us; /* 0: forgotten */
    SLIST_ENTRY(entry) in_slot;
    TAILQ_ENTRY(entry) by_use;
};

SLIST_HEAD(slot, entry);
TAILQ_HEAD(entries, entry);

struct callers {
    struct slot slots[SLOTS];
    struct entries entries; /* the most recent caller comes first */
    size_t count;
    uint64_t generation;
};

struct callers *callers_create(void)
{
    struct callers *callers = memory_alloc(sizeof *callers);
    TAILQ_INIT(&callers->entries);
    return callers;
}

static void *create_state(struct worker *worker)
{
    (void)worker;
    return callers_create();
}

static void destroy_state(void *state)
{
    callers_destroy(state);
}

static const struct worker_slot state_slot = {
    .name = "callers", .create = create_state, .destroy = destroy_state};

struct callers *callers_of(struct worker *worker)
{
    return worker_state(worker, &state_slot);
}

/* The first bytes of a hash are evenly distributed. */
static struct slot *slot_of(struct callers *callers, const unsigned char *hash)
{
    return &callers->slots[(hash[0] | hash[1] << 8) % SLOTS];
}

static void drop(struct callers *callers, struct entry *entry)
{
    SLIST_REMOVE(slot_of(callers, entry->hash), entry, entry, in_slot);
    TAILQ_REMOVE(&callers->entries, entry, by_use);
    callers->count--;
    free(entry);
}

void callers_destroy(struct callers *callers)
{
    if (!callers)
        return;
    while (!TAILQ_EMPTY(&callers->entries))
        drop(callers, TAILQ_FIRST(&callers->entries));
    free(callers);
}

static struct entry *look_up(struct callers *callers, const unsigned char *hash)
{
    struct entry *entry;
    SLIST_FOREACH(entry, slot_of(callers, hash), in_slot)
    {
        if (memcmp(entry->hash, hash, SECRET_HASH_BYTES) == 0)
            return entry;
    }
    return NULL;
}

static struct entry *add(struct callers *callers, const unsigned char *hash)
{
    if (callers->count == CALLERS_MOST)
        drop(callers, TAILQ_LAST(&callers->entries, entries));
    struct entry *entry = memory_alloc(sizeof *entry);
    memcpy(entry->hash, hash, SECRET_HASH_BYTES);
    SLIST_INSERT_HEAD(slot_of(callers, hash), entry, in_slot);
    TAILQ_INSERT_HEAD(&callers->entries, entry, by_use);
    callers->count++;
    return entry;
}

const struct caller *callers_find(struct callers *callers,
                                  const unsigned char hash[SECRET_HASH_BYTES], int64_t now_us)
{
    struct entry *entry = look_up(callers, hash);
    if (!entry || now_us >= entry->fresh_until_us)
        return NULL;
    TAILQ_REMOVE(&callers->entries, entry, by_use);
    TAILQ_INSERT_HEAD(&callers->entries, entry, by_use);
    return &entry->caller;
}

uint64_t callers_generation(const struct callers *callers)
{
    return callers->generation;
}

void callers_keep(struct callers *callers, const unsigned char hash[SECRET_HASH_BYTES],
                  const struct caller *caller, uint64_t generation, int64_t now_us)
{
    struct entry *entry = look_up(callers, hash);
    if (!entry)
        entry = add(callers, hash);
    entry->caller = *caller;
    entry->fresh_until_us = generation == callers->generation ? now_us + CALLERS_FRESH_US : 0;
}

void callers_forget(struct callers *callers, const struct id *id)
{
    struct entry *entry;
    callers->generation++;
    TAILQ_FOREACH(entry, &callers->entries, by_use)
    {
        if (id_equal(&entry->caller.id, id))
            entry->fresh_until_us = 0;
    }
}

void callers_forget_all(struct callers *callers)
{
    struct entry *entry;
    callers->generation++;
    TAILQ_FOREACH(entry, &callers->entries, by_use)
    entry->fresh_until_us = 0;
}
