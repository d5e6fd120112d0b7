#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

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

static void add_string(struct buffer *line, const char *text)
{
    bool utf8 = text_is_utf8(text, strlen(text));
    buffer_add_char(line, '"');
    for (const char *at = text; *at; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == '"' || c == '\\') {
            buffer_add_char(line, '\\');
            buffer_add_char(line, *at);
        } else if (c < 0x20 || c == 0x7f || (c >= 0x80 && !utf8)) {
            buffer_printf(line, "\\u%04x", c);
        } else {
            buffer_add_char(line, *at);
        }
    }
    buffer_add_char(line, '"');
}

static void add_field(struct buffer *line, const struct log_field *field)
{
    buffer_add_char(line, ',');
    add_string(line, field->name);
    buffer_add_char(line, ':');
    if (field->text)
        add_string(line, field->text);
    else
        buffer_printf(line, "%" PRId64, field->number);
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
    char at[CLOCK_TEXT_BYTES];
    clock_format(clock_now_us(), at);
    buffer_printf(lines, "{\"at\":\"%s\",\"level\":\"%s\",\"message\":", at, level_names[level]);
    add_string(lines, message);
    for (; fields->name; fields++)
        add_field(lines, fields);
    buffer_add_text(lines, "}\n");
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
