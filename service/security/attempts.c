#include "security/attempts.h"

#include "base/memory.h"
#include "security/secret.h"
#include "worker.h"

enum {
    PLACES = 8, /* per row of the cache: enough that hardly a key is dropped early */
    ROWS = ATTEMPTS_REMEMBERED_MOST / PLACES,
};

struct place {
    struct id who; /* hash of scope and key */
    struct pace pace;
};

struct attempts {
    struct place rows[ROWS][PLACES];
};

static void *create(struct worker *worker)
{
    (void)worker;
    return memory_alloc(sizeof(struct attempts));
}

static const struct worker_slot slot = {.name = "attempts", .create = create};

/* The place of this key, else the one whose permits are back first. */
static struct place *find_place(struct place row[PLACES], const struct id *who)
{
    struct place *found = &row[0];
    for (int i = 0; i < PLACES; i++) {
        if (id_equal(&row[i].who, who))
            return &row[i];
        if (row[i].pace.full_at_us < found->pace.full_at_us)
            found = &row[i];
    }
    *found = (struct place){.who = *who};
    return found;
}

bool attempts_allow(struct worker *worker, const struct pace_limit *limit, const struct id *scope,
                    const char *key, int64_t now_us)
{
    struct attempts *attempts = worker_state(worker, &slot);
    struct id who;
    secret_id_for_key(scope, key, &who);
    size_t row = ((size_t)who.bytes[0] << 8 | who.bytes[1]) % ROWS;
    struct place *place = find_place(attempts->rows[row], &who);
    if (!pace_allows(&place->pace, limit, now_us))
        return false;
    pace_count(&place->pace, limit, now_us);
    return true;
}
