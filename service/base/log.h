/*
 * Structured logs: one JSON object a line on standard error, written with one call so that lines
 * of several threads never mix. Values are escaped (what is not UTF-8 byte by byte, as \u0080 to
 * \u00ff); personal data and secrets do not belong here.
 *
 *     log_event(LOG_INFO, "listening", log_text("address", address), log_number("workers", 2));
 */
#ifndef EINLASS_BASE_LOG_H
#define EINLASS_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log_field {
    const char *name; /* NULL ends the list */
    const char *text; /* NULL: the number counts */
    int64_t number;
};

/* Lines below the level are dropped. Any thread may call it. The level at start is info. */
void log_set_level(enum log_level level);
/* debug, info, warning (or warn) or error; false for any other name. */
MUST_CHECK bool log_parse_level(const char *name, enum log_level *ret_level);
bool log_is_on(enum log_level level);

void log_write(enum log_level level, const char *message, const struct log_field *fields);

/* For who writes many lines: appends one to `lines`; log_put writes what was gathered. */
void log_add(struct buffer *lines, enum log_level level, const char *message,
             const struct log_field *fields);
void log_put(const struct buffer *lines);

static inline struct log_field log_text(const char *name, const char *text)
{
    return (struct log_field){.name = name, .text = text ? text : ""};
}

static inline struct log_field log_number(const char *name, int64_t number)
{
    return (struct log_field){.name = name, .number = number};
}

#define log_event(level, message, ...)                                                             \
    do {                                                                                           \
        if (log_is_on(level))                                                                      \
            log_write(level, message, (const struct log_field[]){__VA_ARGS__ __VA_OPT__(, ){0}});  \
    } while (0)

#endif
