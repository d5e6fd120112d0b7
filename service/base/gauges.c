#include "base/gauges.h"

#include <inttypes.h>
#include <stdarg.h>

#include "base/memory.h"

enum { SAMPLE_BYTES = 96, SAMPLES_MOST = 512 };

struct sample {
    const struct gauge *gauge;
    uint64_t value;
    char text[SAMPLE_BYTES];
};

struct gauges {
    int count;
    struct sample samples[SAMPLES_MOST];
};

struct gauges *gauges_create(void)
{
    return memory_alloc(sizeof(struct gauges));
}

void gauges_destroy(struct gauges *gauges)
{
    free(gauges);
}

void gauges_clear(struct gauges *gauges)
{
    gauges->count = 0;
}

static void add(struct gauges *gauges, const struct gauge *gauge, uint64_t value, const char *text)
{
    struct sample *sample = gauges->samples, *end = sample + gauges->count;
    while (sample < end && (sample->gauge != gauge || strcmp(sample->text, text) != 0))
        sample++;
    if (sample < end && gauge->is_greatest) {
        if (value > sample->value)
            sample->value = value;
    } else if (sample < end) {
        sample->value += value;
    } else if (gauges->count < SAMPLES_MOST) {
        *sample = (struct sample){.gauge = gauge, .value = value};
        snprintf(sample->text, sizeof sample->text, "%s", text);
        gauges->count++;
    }
}

void gauges_add(struct gauges *gauges, const struct gauge *gauge, uint64_t value,
                const char *sample, ...)
{
    char text[SAMPLE_BYTES];
    va_list arguments;
    va_start(arguments, sample);
    vsnprintf(text, sizeof text, sample, arguments);
    va_end(arguments);
    add(gauges, gauge, value, text);
}

void gauges_add_all(struct gauges *gauges, const struct gauges *from)
{
    for (int i = 0; i < from->count; i++)
        add(gauges, from->samples[i].gauge, from->samples[i].value, from->samples[i].text);
}

static bool is_first_of_family(const struct gauges *gauges, int index)
{
    for (int i = 0; i < index; i++) {
        if (gauges->samples[i].gauge == gauges->samples[index].gauge)
            return false;
    }
    return true;
}

void gauges_write(const struct gauges *gauges, struct buffer *out)
{
    for (int i = 0; i < gauges->count; i++) {
        const struct gauge *gauge = gauges->samples[i].gauge;
        if (!is_first_of_family(gauges, i))
            continue;
        buffer_printf(out, "# HELP einlass_%s %s\n# TYPE einlass_%s %s\n", gauge->name, gauge->help,
                      gauge->name, gauge->type);
        for (int s = i; s < gauges->count; s++) {
            const struct sample *sample = &gauges->samples[s];
            if (sample->gauge == gauge)
                buffer_printf(out, "einlass_%s%s %" PRIu64 "\n", gauge->name, sample->text,
                              sample->value);
        }
    }
}
