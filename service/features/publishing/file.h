/* The definition as a file: to download, and to upload with a look at what would change. */
#ifndef EINLASS_FEATURES_PUBLISHING_FILE_H
#define EINLASS_FEATURES_PUBLISHING_FILE_H

#include "event/event_file.h"

struct request;

/* Percent-encoding makes bytes three times as long. */
enum {
    FILE_BODY_BYTES = 3 * EVENT_FILE_MOST_BYTES + 1024
}; /* limit: body of an uploaded event file */

void file_show(struct request *request);
void file_download(struct request *request);
void file_check(struct request *request); /* says what would change */
void file_apply(struct request *request);

#endif
