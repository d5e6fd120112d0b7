/*
 * The live page of an event: /desk/events/{event}/live, also for a projector (?projector=1), and
 * GET /api/v1/events/{event}/arrivals. A script keeps it fresh by the live stream (live.h): it sets
 * the numbers at once, and reads the page anew at most once a second.
 *
 * People are counted, never scans: each person once, when and where they first came in on the day.
 */
#ifndef EINLASS_FEATURES_DOOR_LIVE_PAGE_H
#define EINLASS_FEATURES_DOOR_LIVE_PAGE_H

struct request;

enum {
    LIVE_PAGE_SCANS = 12,     /* newest scans on it */
    LIVE_PAGE_CONFLICTS = 20, /* limit: conflicts on the live page */
};

void live_page_show(struct request *request);

#endif
