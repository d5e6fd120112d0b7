/* The data of desk_overview.html. */
#ifndef EINLASS_FEATURES_EVENT_DESK_OVERVIEW_PAGE_H
#define EINLASS_FEATURES_EVENT_DESK_OVERVIEW_PAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct arena;
struct event;
struct locale;

struct desk_overview_page {
    const struct event *event;
    const struct locale *locale;
    struct arena *arena;
    bool has_keys, keeps_mails;
    json_t *arrivals; /* of the busiest day; NULL: the event is not over */
    const char *busiest_day;
    int64_t reference_at_us;
    int utc_offset_s;
    json_t *sender; /* what the DNS lacks (event/sender_problem.h), taken; null: nothing */
};

/* `view` is what the API answers. Returns a new reference. */
json_t *desk_overview_page(const json_t *view, const struct desk_overview_page *page);

#endif
