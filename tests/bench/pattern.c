#include "pattern.h"

#include <inttypes.h>
#include <stdbool.h>

struct writer {
    char *at, *end;
};

static void put(struct writer *writer, const char *bytes, size_t length)
{
    if (length >= (size_t)(writer->end - writer->at)) {
        fputs("load: a request is too long\n", stderr);
        exit(1);
    }
    memcpy(writer->at, bytes, length);
    writer->at += length;
}

static void put_text(struct writer *writer, const char *text)
{
    put(writer, text, strlen(text));
}

static void put_number(struct writer *writer, uint64_t number)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, number);
    put(writer, digits, (size_t)length);
}

static bool put_value(struct writer *writer, const char *name, const struct pattern_values *values)
{
    if (strncmp(name, "{n}", 3) == 0)
        put_number(writer, values->number);
    else if (strncmp(name, "{slot}", 6) == 0)
        put_number(writer, values->slot);
    else if (strncmp(name, "{line}", 6) == 0)
        put_text(writer, values->line);
    else if (strncmp(name, "{token}", 7) == 0)
        put_text(writer, values->token);
    else
        return false;
    return true;
}

static void put_pattern(struct writer *writer, const char *pattern,
                        const struct pattern_values *values)
{
    while (*pattern) {
        size_t plain = strcspn(pattern, "{");
        put(writer, pattern, plain);
        pattern += plain;
        if (*pattern == '{' && put_value(writer, pattern, values))
            pattern += strcspn(pattern, "}") + 1;
        else if (*pattern == '{')
            put(writer, pattern++, 1);
    }
}

static void put_body(struct writer *writer, const char *pattern,
                     const struct pattern_values *values)
{
    static char body[REQUEST_BYTES_MOST];
    struct writer in_body = {body, body + sizeof body};
    put_pattern(&in_body, pattern, values);
    size_t length = (size_t)(in_body.at - body);
    put_text(writer, "Content-Type: application/json\r\nContent-Length: ");
    put_number(writer, length);
    put_text(writer, "\r\n\r\n");
    put(writer, body, length);
}

size_t pattern_write(const struct pattern *pattern, const struct pattern_values *values,
                     char request[REQUEST_BYTES_MOST])
{
    struct writer writer = {request, request + REQUEST_BYTES_MOST};
    put_text(&writer, pattern->method);
    put_text(&writer, " ");
    put_pattern(&writer, pattern->path, values);
    put_text(&writer, " HTTP/1.1\r\nHost: ");
    put_text(&writer, pattern->address);
    put_text(&writer, "\r\n");
    for (int i = 0; i < pattern->header_count; i++) {
        put_pattern(&writer, pattern->headers[i], values);
        put_text(&writer, "\r\n");
    }
    if (pattern->body)
        put_body(&writer, pattern->body, values);
    else
        put_text(&writer, "\r\n");
    return (size_t)(writer.at - request);
}
