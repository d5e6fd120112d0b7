/*
 * Pictures that people upload: PNG, JPEG, WebP and SVG. None is kept as it came. A picture is
 * decoded, turned upright (Exif), scaled into bounds and written anew as a PNG or JPEG. Only
 * the visible picture stays. Scripts, links and the place where a photo was taken are removed.
 *
 * An SVG loads nothing from elsewhere.
 */
#ifndef EINLASS_VIEW_PICTURE_H
#define EINLASS_VIEW_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

enum {
    PICTURE_FILE_MOST_BYTES = 10 * 1024 * 1024, /* limit: a picture that is uploaded */
    PICTURE_PIXELS_MOST = 50 * 1000 * 1000,     /* limit: pixels of a picture that is uploaded */
    PICTURE_TIME_MOST_S = 10,                   /* limit: time to read a picture */
    PICTURES_AT_ONCE = 2,                       /* limit: pictures that a process reads at once */
    PICTURE_SIDE_MOST = 4096,                   /* of a picture that is written, in pixels */
};

enum picture_fault {
    PICTURE_READ,
    PICTURE_UNKNOWN,   /* neither PNG, JPEG, WebP nor SVG, or a moving picture */
    PICTURE_BROKEN,    /* it is cut off or wrong inside */
    PICTURE_TOO_LARGE, /* too many bytes or pixels */
    PICTURE_TOO_SLOW,  /* it takes too much time or memory */
    PICTURE_BUSY,      /* too many at once: it may be tried again */
};

struct picture_wish {
    /* The result fits into these, at most PICTURE_SIDE_MOST. Only an SVG is ever enlarged. */
    int width, height;
    bool is_photo; /* a JPEG, unless parts are transparent */
};

struct picture {
    bool is_jpeg; /* "image/jpeg", otherwise "image/png" */
    int width, height;
    struct buffer bytes;
};

/*
 * Converts a picture in a process of its own, with limits of time and memory, so a hostile file
 * harms nobody else. Blocks, so call it on a thread of the pool (request_work). Sets *ret_picture
 * only if it returns PICTURE_READ; picture_finish() frees it. main() must call picture_process().
 */
MUST_CHECK enum picture_fault picture_convert_apart(const void *bytes, size_t length,
                                                    const struct picture_wish *wish,
                                                    struct picture *ret_picture);

/* The same in this process, without limits of time and memory. */
MUST_CHECK enum picture_fault picture_convert(const void *bytes, size_t length,
                                              const struct picture_wish *wish,
                                              struct picture *ret_picture);

void picture_finish(struct picture *picture);

/* Returns the code of a finding such as "picture_broken". PICTURE_READ and PICTURE_BUSY have none:
 * NULL. */
const char *picture_fault_code(enum picture_fault fault);

/* Whether this process was started by picture_convert_apart(). If so it has done its work, and
 * main() returns *ret_status. */
bool picture_process(int argc, char **argv, int *ret_status);

#endif
