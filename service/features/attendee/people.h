/*
 * The people of an event at the desk: the attendee list as a page (list.h), with its lists as tabs,
 * one search box, filters, and the columns that the account has chosen for the event.
 */
#ifndef EINLASS_FEATURES_ATTENDEE_PEOPLE_H
#define EINLASS_FEATURES_ATTENDEE_PEOPLE_H

struct request;

enum {
    PEOPLE_LIMIT = 100,
    PEOPLE_DEFAULT_ANSWERS = 2, /* questions for the door that are columns by default */
    PEOPLE_CHOICES_MOST = 12,   /* more choices of a filter become a drop-down list */
    PEOPLE_PDF_COLUMNS = 5,
};

void people_show(struct request *request);

/* Shows the page again with a problem, the wording of a key. */
void people_show_problem(struct request *request, const char *key);

/* POST: keeps the columns {"columns": [key]} for this account and event. */
void people_choose_columns(struct request *request);

#endif
