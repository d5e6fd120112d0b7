/* The serving process: its workers (worker.h), each on a thread of its own, and its signals. */
#ifndef EINLASS_SERVE_H
#define EINLASS_SERVE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "config.h"

/* Reads the settings again for HUP; of those only the level of the log can change while serving.
 * False: ret_error says why, nothing changes. */
typedef bool serve_reload(enum log_level *ret_level, struct buffer *ret_error);

/* Serves until TERM or INT: then accepts nothing new, finishes what was sent, and returns. HUP
 * reads the settings and the keys again. False: it could not start, ret_error says why. */
MUST_CHECK bool serve(const struct config *config, serve_reload *read_again,
                      struct buffer *ret_error);

#endif
