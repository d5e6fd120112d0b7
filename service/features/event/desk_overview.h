/*
 * The overview of an event for the people who run it: /desk/events/{event} and GET
 * /api/v1/events/{event}/overview. It follows the calendar: `phase` is "before", "last_days" (seven
 * days), "day" or "after".
 *
 * It is cheap at any size. Counts come from tallies. Sign-ups over time are differences between the
 * numbers of registrations (functions/sign_ups.sql). Only a past event reads its scans
 * (event/arrivals.h).
 */
#ifndef EINLASS_FEATURES_EVENT_DESK_OVERVIEW_H
#define EINLASS_FEATURES_EVENT_DESK_OVERVIEW_H

struct request;

enum {
    DESK_OVERVIEW_NEWEST = 8, /* people that it names */
};

void desk_overview_show(struct request *request);

#endif
