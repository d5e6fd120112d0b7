#include "latency.h"

static int bucket_of(uint64_t ns)
{
    int power = 0;
    while (ns >> power >= 2 * LATENCY_STEPS)
        power++;
    int bucket = power * LATENCY_STEPS + (int)(ns >> power);
    return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

static double bucket_ms(int bucket)
{
    int power = bucket < 2 * LATENCY_STEPS ? 0 : bucket / LATENCY_STEPS - 1;
    return (double)((uint64_t)(bucket - power * LATENCY_STEPS) << power) / 1e6;
}

void latency_add(struct latency *latency, int64_t ns)
{
    latency->count++;
    latency->buckets[bucket_of((uint64_t)ns)]++;
}

double latency_ms(const struct latency *latency, double part)
{
    uint64_t seen = 0;
    for (int i = 0; i < LATENCY_BUCKETS; i++) {
        seen += latency->buckets[i];
        if (seen > 0 && (double)seen >= part * (double)latency->count)
            return bucket_ms(i);
    }
    return 0;
}
