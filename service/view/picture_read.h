/* Decodes and writes pictures. Private to this room; others use picture.h. */
#ifndef EINLASS_VIEW_PICTURE_READ_H
#define EINLASS_VIEW_PICTURE_READ_H

#include <cairo.h>

#include "view/picture.h"

/* How the picture lies in its file: the value of Exif's Orientation, 1 to 8. 1 is upright. */
enum { ORIENTATION_UPRIGHT = 1, ORIENTATION_TRANSPOSED = 5, ORIENTATION_LAST = 8 };

struct picture_pixels {
    cairo_surface_t *surface; /* ARGB32; the caller destroys it */
    int orientation;
};

/* Sets *ret_pixels only if it returns PICTURE_READ. A large JPEG may come smaller than it is, but
 * not smaller than the wish. An SVG comes as large as the wish. */
MUST_CHECK enum picture_fault picture_read(const void *bytes, size_t length,
                                           const struct picture_wish *wish,
                                           struct picture_pixels *ret_pixels);

/* Writes a surface of the format ARGB32 as a PNG or JPEG. Takes the surface. */
MUST_CHECK enum picture_fault picture_write(cairo_surface_t *surface, bool is_photo,
                                            struct picture *ret_picture);

/* Fits a size into the wish and keeps its shape. Never gives less than one pixel. */
void picture_fit(double width, double height, const struct picture_wish *wish, bool may_grow,
                 int *ret_width, int *ret_height);

#endif
