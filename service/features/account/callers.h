/*
 * A cache of tokens' and devices' callers by the hash of their secret, so that a scan needs no
 * lookup in the database. An entry is valid for CALLERS_FRESH_US, and is forgotten when the
 * database notifies that the token was revoked or the device changed. It belongs to one worker.
 * Beyond CALLERS_MOST it drops the least recently used entry.
 */
#ifndef EINLASS_FEATURES_ACCOUNT_CALLERS_H
#define EINLASS_FEATURES_ACCOUNT_CALLERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "http/request.h"
#include "security/secret.h"

enum {
    CALLERS_MOST = 10000, /* limit: callers that a worker remembers */
    CALLERS_FRESH_US = 3 * 1000 * 1000,
};

struct callers;

struct callers *callers_create(void);
void callers_destroy(struct callers *callers); /* takes NULL */

struct callers *callers_of(struct worker *worker);

/* NULL: unknown or expired. The result is valid until the next call. Times are monotonic. */
const struct caller *callers_find(struct callers *callers,
                                  const unsigned char hash[SECRET_HASH_BYTES], int64_t now_us);

/* Caches a caller. The generation must be read before the lookup: if a token was revoked meanwhile,
 * the caller is not cached. */
uint64_t callers_generation(const struct callers *callers);
void callers_keep(struct callers *callers, const unsigned char hash[SECRET_HASH_BYTES],
                  const struct caller *caller, uint64_t generation, int64_t now_us);

void callers_forget(struct callers *callers, const struct id *id);
void callers_forget_all(struct callers *callers);

#endif
