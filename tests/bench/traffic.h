/*
 * Sends requests over kept-alive connections as fast as they are answered, one at a time on each.
 */
#ifndef EINLASS_BENCH_TRAFFIC_H
#define EINLASS_BENCH_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "latency.h"
#include "pattern.h"

enum {
    TRAFFIC_CONNECTIONS_MOST = 4096,
    TRAFFIC_CONTAINS_MOST = 4,
    TRAFFIC_STATUS_MOST = 600,
    TRAFFIC_REFUSED_BYTES = 512,
};

struct traffic_options {
    struct pattern pattern;
    int connections;
    double seconds;
    uint64_t requests_most, first, spread;
    char **lines, **tokens; /* NULL: none */
    size_t line_count, token_count;

    /* A success has this status and, if there are texts, one of them in its body. */
    unsigned status;
    const char *contains[TRAFFIC_CONTAINS_MOST];
    int contains_count;

    const char *save_name; /* name of the JSON string to save from each success */
    FILE *save_file;       /* NULL: save nothing */
};

struct traffic_result {
    uint64_t succeeded, lost; /* lost: the connection ended before the answer */
    uint64_t by_status[TRAFFIC_STATUS_MOST];
    struct latency latency; /* of all answers */
    double seconds;
    size_t answer_bytes;                 /* of the newest success, with its head */
    char refused[TRAFFIC_REFUSED_BYTES]; /* the body of the newest failure */
};

/* Blocks until the end. An error at start ends the program. */
void traffic_run(const struct traffic_options *options, struct traffic_result *ret_result);

#endif
