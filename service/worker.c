#include "worker.h"

#include <pthread.h>
#include <stdio.h>

#include "base/memory.h"

struct worker_shared {
    pthread_mutex_t lock;
    struct worker states; /* only its list of states is used */
};

struct worker_shared *worker_shared_create(void)
{
    struct worker_shared *shared = memory_alloc(sizeof *shared);
    pthread_mutex_init(&shared->lock, NULL);
    return shared;
}

static void *find(const struct worker *worker, const struct worker_slot *slot)
{
    for (int i = 0; i < worker->state_count; i++) {
        if (worker->states[i].slot == slot)
            return worker->states[i].state;
    }
    return NULL;
}

static void *keep(struct worker *worker, const struct worker_slot *slot, void *state)
{
    if (worker->state_count == WORKER_SLOTS_MOST) {
        fprintf(stderr, "einlass: no slot is left for the state of %s\n", slot->name);
        abort();
    }
    worker->states[worker->state_count].slot = slot;
    worker->states[worker->state_count++].state = state;
    return state;
}

static void *find_shared(struct worker_shared *shared, const struct worker_slot *slot)
{
    pthread_mutex_lock(&shared->lock);
    void *state = find(&shared->states, slot);
    if (!state)
        state = keep(&shared->states, slot, slot->create(NULL));
    pthread_mutex_unlock(&shared->lock);
    return state;
}

void *worker_state(struct worker *worker, const struct worker_slot *slot)
{
    void *state = find(worker, slot);
    if (state)
        return state;
    return keep(worker, slot,
                slot->shared ? find_shared(worker->shared, slot) : slot->create(worker));
}

static void end_states(struct worker *worker, bool shared)
{
    while (worker->state_count > 0) {
        const struct worker_slot *slot = worker->states[--worker->state_count].slot;
        if (slot->shared == shared)
            (slot->destroy ? slot->destroy : free)(worker->states[worker->state_count].state);
    }
}

void worker_end_states(struct worker *worker)
{
    end_states(worker, false);
}

void worker_shared_destroy(struct worker_shared *shared)
{
    if (!shared)
        return;
    end_states(&shared->states, true);
    pthread_mutex_destroy(&shared->lock);
    free(shared);
}
