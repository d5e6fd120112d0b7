/* GET …/events/{event}/attendees.csv, .jsonl, .xlsx and .pdf: the attendees that match the filter,
 * as a file. The audit log gets an entry. */
#ifndef EINLASS_FEATURES_ATTENDEE_DOWNLOAD_H
#define EINLASS_FEATURES_ATTENDEE_DOWNLOAD_H

struct request;

void download_csv(struct request *request);
void download_jsonl(struct request *request);
void download_xlsx(struct request *request);
void download_pdf(struct request *request);

#endif
