/*
 * Workers: threads with an event loop each. They share the process's addresses, its keys, its
 * routes and wordings (all read-only) and the counters of changes (atomic), nothing else.
 */
#ifndef EINLASS_WORKER_H
#define EINLASS_WORKER_H

#include <stdbool.h>

#include "base/buffer.h"
#include "config.h"

/* Reads the settings again for HUP; of those only the level of the log can change while serving.
 * False: ret_error says why, nothing changes. */
typedef bool worker_reload(enum log_level *ret_level, struct buffer *ret_error);

/* Serves until TERM or INT: then accepts nothing new, finishes what was sent, and returns. HUP
 * reads the settings and the keys again. False: it could not start, ret_error says why. */
MUST_CHECK bool worker_serve(const struct config *config, worker_reload *read_again,
                             struct buffer *ret_error);

#endif
