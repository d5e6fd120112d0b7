/* What happened at the doors, as JSON: rows of live.sql and conflicts.sql. */
#ifndef EINLASS_FEATURES_DOOR_NEWS_H
#define EINLASS_FEATURES_DOOR_NEWS_H

#include <jansson.h>
#include <stdbool.h>

#include "db/rows.h"

struct request;

enum {
    CONFLICTS_MOST = 100, /* limit: conflicts that are listed */
};

/* {"nonce", "ticket", "verdict", "direction", "door", "scanned_at", "received_at", "forced",
 * "conflict", "undone"}, with names also "attendee": {"id", "name", "ticket_type"}. */
json_t *news_scan(const struct rows *rows, int row, bool with_names);

/* {"nonce", "verdict", "door", "scanned_at", "attendee": {"id", "name", "ticket_type"},
 * "admitted_at", "admitted_door"}: since when and where the guest was in already, where that was
 * the reason. Without names the attendee is null: for devices that only scan. */
json_t *news_conflict(const struct rows *rows, int row, bool with_names);

/* GET /api/v1/events/{event}/conflicts: {"conflicts": [as above]}, the newest CONFLICTS_MOST. */
void news_conflicts(struct request *request);

#endif
