/*
 * People whom staff let in without a ticket while their phone had no network. The phone notes a
 * name and a reason and sends them later. At the desk each is matched to a registration, becomes a
 * walk-in, or is dismissed. Matching records a check-in at the time at which the person came in.
 */
#ifndef EINLASS_FEATURES_DOOR_ADMISSIONS_H
#define EINLASS_FEATURES_DOOR_ADMISSIONS_H

struct request;
struct worker;

enum {
    ADMISSIONS_OPEN_MOST = 2000, /* limit: people let in without a ticket and not matched yet */
    ADMISSIONS_SHOWN_MOST = 200, /* limit: people let in without a ticket on a page */
    ADMISSION_PEOPLE_MOST = 20,  /* limit: people whom one let in without a ticket may be */
    ADMISSIONS_FORGET_EVERY_MS = 3600 * 1000,
};

/* POST /api/v1/events/{event}/admissions: a device notes one. */
void admissions_note(struct request *request);

/* GET /api/v1/events/{event}/admissions and the page of the desk. */
void admissions_list(struct request *request);

/* GET /desk/events/{event}/admissions/{nonce}: who it may be. */
void admissions_show(struct request *request);

/* POST …/admissions/{nonce}/match, …/walk-in and …/dismiss */
void admissions_match(struct request *request);
void admissions_walk_in(struct request *request);
void admissions_dismiss(struct request *request);

/* Empties names at events whose data is no longer kept. */
void admissions_forget(struct worker *worker);

#endif
