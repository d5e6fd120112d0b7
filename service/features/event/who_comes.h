/* Who comes, for the page of an event whose organiser shows it. */
#ifndef EINLASS_FEATURES_EVENT_WHO_COMES_H
#define EINLASS_FEATURES_EVENT_WHO_COMES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct event;
struct worker;

enum {
    WHO_COMES_MOST = 60,      /* limit: people whom an event's page names */
    WHO_COMES_KEPT_MOST = 64, /* limit: events whose people a worker keeps */
    WHO_COMES_QUICK_MS = 100, /* a query of this length is asked again with each change */
    WHO_COMES_SHARE = 20,     /* longer ones take at most this part of the time */
};

/* Whether the page names people now. */
bool who_comes_applies(const struct event *event, int64_t now_us);

/*
 * Finds them. A worker keeps whom it may show, but reads their names and consents each time: who
 * withdraws the consent, cancels or is erased is not found any more, on any process. on_found runs
 * once, perhaps before the call returns. people: {"people": [{"name", "company"}], "others",
 * "has_others"}, which is borrowed; NULL: nobody agreed, or the database is away.
 */
typedef void who_comes_found(void *context, const json_t *people);
void who_comes_find(struct worker *worker, const struct event *event, who_comes_found *on_found,
                    void *context);

#endif
