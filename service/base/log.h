/*
 * Structured logs: one JSON object per line on standard error. One write per line keeps the lines
 * of several threads apart. Values are escaped; bytes that are not UTF-8 become \u0080 to \u00ff.
 * Never log personal data or secrets. docs/operations.md lists all messages, a test compares them.
 *
 *     log_event(LOG_INFO, "listening", log_text("address", address), log_number("workers", 2));
 */
#ifndef EINLASS_BASE_LOG_H
#define EINLASS_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log_field {
    const char *name; /* NULL ends the list */
    const char *text; /* NULL: `number` is the value */
    int64_t number;
};

/* Drops lines below the level from now on. Any thread may call it. The first level is info. */
void log_set_level(enum log_level level);
/* Reads debug, info, warning (or warn) or error; false for any other name. */
MUST_CHECK bool log_parse_level(const char *name, enum log_level *ret_level);
bool log_is_on(enum log_level level);

void log_write(enum log_level level, const char *message, const struct log_field *fields);

/* For many lines at once: log_add appends one to `lines`, log_put writes them all. */
void log_add(struct buffer *lines, enum log_level level, const char *message,
             const struct log_field *fields);
void log_put(const struct buffer *lines);

/* The fields of a line. A NULL text is "". The texts are not copied. */
struct log_field log_text(const char *name, const char *text);
struct log_field log_number(const char *name, int64_t number);

#define log_event(level, message, ...)                                                             \
    do {                                                                                           \
        if (log_is_on(level))                                                                      \
            log_write(level, message, (const struct log_field[]){__VA_ARGS__ __VA_OPT__(, ){0}});  \
    } while (0)

#endif
