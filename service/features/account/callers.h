/*
 * Callers whose token was looked up lately, by the token's hash, so that a device that scans does
 * not cost a question to the database each time. What is kept is trusted for CALLERS_FRESH_US at
 * most, and forgotten when the database says that a token was revoked. How fast each may go is
 * kept here too. Belongs to one worker; past CALLERS_MOST whoever was away longest is dropped.
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
    CALLERS_REQUESTS_A_SECOND = 1000, /* limit: requests of one token, of a worker */
    CALLERS_REQUESTS_MOST = 5000,     /* limit: requests of one token at once, of a worker */
};

struct callers;

struct callers *callers_create(void);
void callers_destroy(struct callers *callers); /* takes NULL */

/* Those of the worker. */
struct callers *callers_of(struct worker *worker);

/* NULL: not known, or not lately enough. Valid until the next call. Times are monotonic. */
const struct caller *callers_find(struct callers *callers,
                                  const unsigned char hash[SECRET_HASH_BYTES], int64_t now_us);

/*
 * Keeps what the database said. The generation is the one from before it was asked: what may have
 * been revoked in the meantime is not kept.
 */
uint64_t callers_generation(const struct callers *callers);
void callers_keep(struct callers *callers, const unsigned char hash[SECRET_HASH_BYTES],
                  const struct caller *caller, uint64_t generation, int64_t now_us);

/* Counts a request of a caller that is kept. False: too many, it is to be refused. */
MUST_CHECK bool callers_count(struct callers *callers, const unsigned char hash[SECRET_HASH_BYTES],
                              int64_t now_us);

void callers_forget(struct callers *callers, const struct id *id);
void callers_forget_all(struct callers *callers);

#endif
