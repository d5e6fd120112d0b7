/* Arrivals (arrivals.h) as a chart and a table. */
#ifndef EINLASS_EVENT_ARRIVALS_VIEW_H
#define EINLASS_EVENT_ARRIVALS_VIEW_H

#include <jansson.h>
#include <stdint.h>

#include "event/arrivals.h"

struct locale;

/* A day with its arrivals. */
struct arrivals_day {
    const json_t *arrivals;  /* NULL: none */
    int64_t reference_at_us; /* when the event starts on this day; two days are compared from it */
};

struct arrivals_view {
    struct arrivals_day day, before; /* before: another day to compare with */
    int64_t until_us;                /* the chart reaches at least until then; 0: any */
    int utc_offset_s;
    const struct locale *locale;
};

/* Returns {"svg", "rows": [{"from", "until", "people", "before"}], "compares"}: local times, and
 * only steps in which somebody came. A new reference. */
json_t *arrivals_view_json(const struct arrivals_view *view);

#endif
