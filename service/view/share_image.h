/*
 * The picture that other sites show with a link to an event: its title, time, place and organiser,
 * and its own picture. Any thread may make it. The first text of a process is slow, because it
 * loads the fonts. Texts are untrusted UTF-8.
 */
#ifndef EINLASS_VIEW_SHARE_IMAGE_H
#define EINLASS_VIEW_SHARE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

enum { SHARE_IMAGE_WIDTH = 1200, SHARE_IMAGE_HEIGHT = 630, SHARE_IMAGE_ACCENT = 0x2547C0 };

/* NULL or "" leaves a text out. */
struct share_image {
    const char *language; /* of the texts, BCP 47 */
    const char *organiser, *title, *when, *where;
    unsigned accent; /* 0xRRGGBB */
    /* As picture_convert() wrote them; NULL: none. A picture that cannot be read is left out. */
    const char *picture, *logo;
    size_t picture_bytes, logo_bytes;
};

/* Appends a PNG, or with a picture a JPEG. False: it failed and appended nothing. */
MUST_CHECK bool share_image_write(const struct share_image *image, bool *ret_is_jpeg,
                                  struct buffer *out);

#endif
