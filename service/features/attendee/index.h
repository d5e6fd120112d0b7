/*
 * Brings the index behind of the attendee list up to date, about every second: rows of sign-ups and
 * of changed attendees (migrations/functions/attendee_search.sql). The list is exact without it,
 * and slow where many rows are missing. A portion is short. Portion follows portion until all is
 * there. In a rush of sign-ups an event gets one portion at a time, and the job rests ten times as
 * long as that took. So it takes little from the sign-ups; it catches up after the rush.
 */
#ifndef EINLASS_FEATURES_ATTENDEE_INDEX_H
#define EINLASS_FEATURES_ATTENDEE_INDEX_H

struct gauges;
struct worker;

enum {
    INDEX_EVERY_MS = 1000,
    INDEX_EVENTS_MOST = 20,
    INDEX_PORTION = 1000, /* registrations, and as many changes */
    INDEX_RESTS = 10,     /* times what a look took */
};

void index_attendees(struct worker *worker);

/* How many registrations and changes the last look found missing. */
void index_measure(struct worker *worker, struct gauges *gauges);

#endif
