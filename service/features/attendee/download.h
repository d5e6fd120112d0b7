/*
 * GET /api/v1/events/{event}/attendees.csv and .jsonl: the whole list, or what the filter leaves of
 * it, as a file that is written while it is read. Who took it stays in the audit log.
 */
#ifndef EINLASS_FEATURES_ATTENDEE_DOWNLOAD_H
#define EINLASS_FEATURES_ATTENDEE_DOWNLOAD_H

struct request;

void download_csv(struct request *request);
void download_jsonl(struct request *request);

#endif
