/*
 * Changes of many attendees at once: approve, decline, cancel, move up, send the mail again.
 *
 *   POST /events/{event}/attendees/bulk         makes a draft: {"verb", "attendees": [id]}, or
 *                                               {"verb", "all": true} for all that the filter of
 * the query matches (filter.h) GET  /events/{event}/attendees/bulk/{bulk}  what it would do to each
 * person now; later, what became of each. With ?outcome= also the people POST
 * /events/{event}/attendees/bulk/{bulk}  confirms it: {"tells", "words"}. Doing so again changes
 * nothing
 *
 * The verb "write" makes the draft of a mailing (features/mailing) and leads to it. That one keeps
 * the filter.
 *
 * The draft holds the people, so that what is done is what was shown. bulk_job.h does it.
 */
#ifndef EINLASS_FEATURES_ATTENDEE_BULK_H
#define EINLASS_FEATURES_ATTENDEE_BULK_H

struct request;

enum {
    BULK_NAMES_MOST = 8,    /* of each outcome, in the summary */
    BULK_PEOPLE_PAGE = 200, /* of the list of one outcome */
    BULK_CHOSEN_MOST = 500, /* limit: attendees that are chosen one by one for a bulk action */
    BULK_WORDS_MOST = 2000, /* limit: characters of an organiser's own words in a mail to many */
    BULK_BODY_BYTES = 64 * 1024,
};

void bulk_make(struct request *request);
void bulk_show(struct request *request);
void bulk_confirm(struct request *request);

#endif
