/*
 * Brings a list: a file, or lines that are pasted.
 *
 *   GET  /events/{event}/attendees/import   the page
 *   POST /events/{event}/attendees/import   {"name", "text"}; a page's form may have a file
 * instead. Nobody is added by it
 */
#ifndef EINLASS_FEATURES_IMPORT_UPLOAD_H
#define EINLASS_FEATURES_IMPORT_UPLOAD_H

struct id;
struct request;

enum { UPLOAD_BODY_BYTES = 17 * 1024 * 1024 };

void upload_show(struct request *request);
void upload_take(struct request *request);

/* The path of a list below the desk or the API, whichever the request came by: "people". */
const char *upload_link(struct request *request, const struct id *import_id, const char *page);

#endif
