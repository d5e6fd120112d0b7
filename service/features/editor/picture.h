/* The picture of an event's page, with what it shows in the event's languages. It is no part of the
 * event file. */
#ifndef EINLASS_FEATURES_EDITOR_PICTURE_H
#define EINLASS_FEATURES_EDITOR_PICTURE_H

#include <jansson.h>

struct edit;
struct event;
struct request;

enum {
    PICTURE_ALT_MOST = 300, /* limit: characters that say what a picture shows */
};

/* GET and POST …/edit/picture, and POST …/edit/picture/remove */
void picture_show(struct request *request);
void picture_save(struct request *request);
void picture_remove(struct request *request);

/* Its entry in the overview of the sections, a new reference. */
json_t *picture_entry(struct edit *edit);

#endif
