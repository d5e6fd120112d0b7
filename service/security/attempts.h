/*
 * Rate limits per key, for example per e-mail address or per ticket. They keep others from flooding
 * a mailbox or the pool's threads. Each worker caches the hashes of a limited number of keys in
 * memory. If a row of the cache is full, a new key replaces the one whose permits are back first.
 */
#ifndef EINLASS_SECURITY_ATTEMPTS_H
#define EINLASS_SECURITY_ATTEMPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "base/pace.h"

enum {
    ATTEMPTS_REMEMBERED_MOST = 8192, /* limit: keys whose attempts are counted */
};

struct worker;

/* Counts one attempt. False: the limit is reached, nothing was counted. All callers with the same
 * scope and key share the permits and must pass the same limit. */
bool attempts_allow(struct worker *worker, const struct pace_limit *limit, const struct id *scope,
                    const char *key, int64_t now_us);

#endif
