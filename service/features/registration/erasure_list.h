/*
 * The list of erasures: a file outside the database, so that those who were erased since a backup
 * can be erased again after a restore. It holds ids and times, no personal data. A line is
 *
 *     2026-11-27T09:59:58Z EVENT REGISTRATION [ID ...]
 *
 * where the last ids are those of erasure.also. Lines that begin with "#" are comments. An erasure
 * may stand there several times.
 */
#ifndef EINLASS_FEATURES_REGISTRATION_ERASURE_LIST_H
#define EINLASS_FEATURES_REGISTRATION_ERASURE_LIST_H

#include "base/id.h"
#include "base/memory.h"

enum { ERASURE_LINE_MOST = 4096 };

struct erasure {
    int64_t erased_at_us;
    struct id event_id, registration_id;
    const char *also; /* ids, separated by spaces */
};

void erasure_list_add(struct buffer *lines, const struct erasure *erasure);

/* Appends the lines and waits until they are on the disk. Makes the file if it is missing; removes
 * the half of a line that a crash left at its end. Processes may share the file. It blocks.
 * Returns 0 or an errno. */
int erasure_list_append(const char *path, const char *lines, size_t length);

/* Returns 0 if the list can be written, or an errno. It does not make the
 * file, which must belong to the user of the service. */
int erasure_list_try(const char *path, bool *ret_exists);

/* Calls on_erasure for each line; `also` is valid until it returns. It stops when on_erasure gives
 * false. False: the file cannot be read, or a line is wrong; ret_error has the sentence, or
 * nothing if on_erasure stopped it. Skips half of a line at the end: its erasure was not
 * acknowledged. */
MUST_CHECK bool erasure_list_read(const char *path,
                                  bool (*on_erasure)(void *context, const struct erasure *erasure),
                                  void *context, struct buffer *ret_error);

#endif
