/*
 * How often the same is done for the same one: forms sent with an address, letters sent to one, a
 * ticket printed. More than a person does is put off, so that nobody's mailbox is filled through us
 * and no ticket keeps the threads that print. Each worker remembers a bounded number of them, by a
 * hash and in memory only; when there are more, those of whom nothing was heard for longest are
 * forgotten.
 */
#ifndef EINLASS_SECURITY_ATTEMPTS_H
#define EINLASS_SECURITY_ATTEMPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "base/pace.h"

enum {
    ATTEMPTS_REMEMBERED_MOST = 8192, /* limit: keys that are remembered */
};

struct worker;

/* Counts one, unless there were too many: then false. The key is text that tells apart what is in
 * the same scope; who uses the same key in the same scope shares its permits, and its limit. */
bool attempts_allow(struct worker *worker, const struct pace_limit *limit, const struct id *scope,
                    const char *key, int64_t now_us);

#endif
