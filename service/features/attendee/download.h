/* GET /api/v1/events/{event}/attendees.csv and .jsonl: the attendees that match the filter,
 * streamed as a file. The audit log gets an entry. */
#ifndef EINLASS_FEATURES_ATTENDEE_DOWNLOAD_H
#define EINLASS_FEATURES_ATTENDEE_DOWNLOAD_H

struct request;

void download_csv(struct request *request);
void download_jsonl(struct request *request);

#endif
