/*
 * A list of measured values for /metrics. Modules add values by name. The lists of all workers are
 * summed. Not thread-safe.
 */
#ifndef EINLASS_BASE_GAUGES_H
#define EINLASS_BASE_GAUGES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"

/* A family of samples in the Prometheus text format 0.0.4. Declare it `static const`. */
struct gauge {
    const char *name; /* without "einlass_" */
    const char *type; /* "gauge", "counter" or "histogram" */
    const char *help;
    bool is_greatest; /* take the greatest of several values, not their sum */
};

struct gauges;

struct gauges *gauges_create(void);
void gauges_destroy(struct gauges *gauges); /* takes NULL */
void gauges_clear(struct gauges *gauges);

/* Adds the value to one sample. `sample` follows the family's name: "", "{lane=\"hot\"}" or
 * "_sum{batch=\"sign_up\"}"; at most 95 bytes. */
void gauges_add(struct gauges *gauges, const struct gauge *gauge, uint64_t value,
                const char *sample, ...) __attribute__((format(printf, 4, 5)));

/* Adds all values of `from`. */
void gauges_add_all(struct gauges *gauges, const struct gauges *from);

/* Appends the Prometheus text: families in the order they were first added. */
void gauges_write(const struct gauges *gauges, struct buffer *out);

#endif
