/* Pictures of organisers and events. Each is stored under a hash of its bytes, so its address never
 * shows another one. Nobody else finds the address of a picture before it is shown somewhere. */
#ifndef EINLASS_EVENT_PICTURES_H
#define EINLASS_EVENT_PICTURES_H

#include "http/request.h"
#include "view/picture.h"

enum {
    PICTURES_KEPT_MOST = 32, /* limit: pictures that a worker keeps ready */
    PICTURE_BODY_BYTES = PICTURE_FILE_MOST_BYTES + 64 * 1024,
};

#define PICTURES_PATH "/pictures/"

/* The texts live in the arena of the request. */
struct stored_picture {
    const char *name; /* behind PICTURES_PATH: 32 hexadecimal digits, and ".png" or ".jpg" */
    int width, height;
};

/*
 * Converts a picture that was uploaded, on a thread, and stores it. Calls `then` once, later, with
 * the picture, or with NULL and the fault. Answers the request itself, and does not call `then`, if
 * the service or the database is too busy.
 */
typedef void picture_stored(struct request *request, enum picture_fault fault,
                            const struct stored_picture *picture, void *context);
void picture_store(struct request *request, const struct request_file *file,
                   const struct picture_wish *wish, picture_stored *then, void *context);

/* GET /pictures/{picture} */
void picture_answer(struct request *request);

#endif
