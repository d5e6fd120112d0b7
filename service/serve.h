/* The serving process: its workers (worker.h), each on its own thread, and its signals. */
#ifndef EINLASS_SERVE_H
#define EINLASS_SERVE_H

#include <stdbool.h>

#include "base/memory.h"
#include "config.h"

/* Reads the settings again after HUP; only the log level takes effect. False: ret_error says why,
 * nothing changes. */
typedef bool serve_reload(enum log_level *ret_level, struct buffer *ret_error);

/* How many database connections serve opens with so many workers. */
int serve_connections(int workers);

/* Serves until TERM or INT, then drains and returns. HUP reloads settings and keys. False: it could
 * not start, ret_error says why. */
MUST_CHECK bool serve(const struct config *config, serve_reload *read_again,
                      struct buffer *ret_error);

#endif
