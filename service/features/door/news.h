/* Scans and conflicts as JSON, from rows of live.sql and conflicts.sql. All are new references. */
#ifndef EINLASS_FEATURES_DOOR_NEWS_H
#define EINLASS_FEATURES_DOOR_NEWS_H

#include <jansson.h>
#include <stdbool.h>

#include "db/values.h"

struct request;

enum {
    CONFLICTS_MOST = 100, /* limit: conflicts that are listed */
};

/* Returns {"nonce", "ticket", "verdict", "direction", "door", "scanned_at", "received_at",
 * "told_at", "forced", "conflict", "undone"}, with names also "attendee": {"id", "name",
 * "ticket_type"}. */
json_t *news_scan(const struct rows *rows, int row, bool with_names);

/* Returns {"nonce", "verdict", "door", "scanned_at", "attendee": {"id", "name", "ticket_type"},
 * "admitted_at", "admitted_door"}. The last two tell the earlier admission, if that is the reason.
 * Without names (for scanners) the attendee is null. */
json_t *news_conflict(const struct rows *rows, int row, bool with_names);

/* GET /api/v1/events/{event}/conflicts: answers {"conflicts": [as above]}, at most
 * CONFLICTS_MOST, newest first. */
void news_conflicts(struct request *request);

#endif
