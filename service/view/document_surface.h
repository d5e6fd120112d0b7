/* Documents as pictures. Private to this room; others use document.h. */
#ifndef EINLASS_VIEW_DOCUMENT_SURFACE_H
#define EINLASS_VIEW_DOCUMENT_SURFACE_H

#include <cairo.h>

struct document;

/* A document that draws on a surface, in its pixels. It has no file: end it by document_destroy().
 * Keeps a reference to the surface. */
struct document *document_create_on(cairo_surface_t *surface, const char *language);

#endif
