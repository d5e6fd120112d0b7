#include "event/changes.h"

#include <stdatomic.h>

#include "base/memory.h"
#include "worker.h"

enum { SLOTS = 4096 };

struct changes {
    atomic_uint_least64_t slots[SLOTS];
};

static void *create(struct worker *worker)
{
    (void)worker;
    return memory_alloc(sizeof(struct changes));
}

static const struct worker_slot slot = {.name = "changes", .shared = true, .create = create};

/* Mixed, because ids made one after the other differ in few bits. */
static size_t slot_of(const struct id *event_id)
{
    uint64_t halves[2];
    memcpy(halves, event_id->bytes, sizeof halves);
    uint64_t mixed = (halves[0] ^ halves[1]) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(mixed >> 52);
}

/* Release and acquire: who sees the new number also sees what was committed before it. */
void changes_note(struct worker *worker, const struct id *event_id)
{
    struct changes *changes = worker_state(worker, &slot);
    atomic_fetch_add_explicit(&changes->slots[slot_of(event_id)], 1, memory_order_release);
}

uint64_t changes_generation(struct worker *worker, const struct id *event_id)
{
    const struct changes *changes = worker_state(worker, &slot);
    return atomic_load_explicit(&changes->slots[slot_of(event_id)], memory_order_acquire);
}
