#include "base/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/memory.h"

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARNING] = "warning", [LOG_ERROR] = "error"};

static _Atomic(int) lowest_level = LOG_INFO;

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&lowest_level, (int)level, memory_order_relaxed);
}

bool log_is_on(enum log_level level)
{
    return (int)level >= atomic_load_explicit(&lowest_level, memory_order_relaxed);
}

bool log_parse_level(const char *name, enum log_level *ret_level)
{
    if (strcmp(name, "warn") == 0)
        name = level_names[LOG_WARNING];
    for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *ret_level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

static void write_all(const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(STDERR_FILENO, bytes, length);
        if (n < 0 && errno != EINTR)
            return;
        if (n > 0) {
            bytes += n;
            length -= (size_t)n;
        }
    }
}

void log_add(struct buffer *lines, enum log_level level, const char *message,
             const struct log_field *fields)
{
    struct json_writer line;
    json_writer_init(&line, lines);
    json_writer_object(&line, NULL);
    json_writer_time(&line, "at", clock_now_us());
    json_writer_text(&line, "level", level_names[level]);
    json_writer_text(&line, "message", message);
    for (; fields->name; fields++) {
        if (fields->text)
            json_writer_text(&line, fields->name, fields->text);
        else
            json_writer_number(&line, fields->name, fields->number);
    }
    json_writer_end(&line);
    buffer_add_char(lines, '\n');
}

void log_put(const struct buffer *lines)
{
    write_all(buffer_text(lines), lines->length);
}

void log_write(enum log_level level, const char *message, const struct log_field *fields)
{
    struct buffer line;
    buffer_init(&line);
    log_add(&line, level, message, fields);
    log_put(&line);
    buffer_finish(&line);
}

struct log_field log_text(const char *name, const char *text)
{
    return (struct log_field){.name = name, .text = text ? text : ""};
}

struct log_field log_number(const char *name, int64_t number)
{
    return (struct log_field){.name = name, .number = number};
}
