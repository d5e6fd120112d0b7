/*
 * Makes requests from patterns: replaces {n}, {slot}, {line} and {token} by each request's values.
 */
#ifndef EINLASS_BENCH_PATTERN_H
#define EINLASS_BENCH_PATTERN_H

#include <stddef.h>
#include <stdint.h>

enum { PATTERN_HEADERS_MOST = 8, REQUEST_BYTES_MOST = 64 * 1024 };

struct pattern {
    const char *address, *method, *path;
    const char *body; /* NULL: none */
    const char *headers[PATTERN_HEADERS_MOST];
    int header_count;
};

struct pattern_values {
    uint64_t number, slot;
    const char *line, *token;
};

/* Writes the whole request and returns its length. A request that is too long ends the program. */
size_t pattern_write(const struct pattern *pattern, const struct pattern_values *values,
                     char request[REQUEST_BYTES_MOST]);

#endif
