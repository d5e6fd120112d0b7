/*
 * Which font draws what in PDF files and pictures. A list in fonts.c names the fonts and their
 * order, so a document looks the same whatever else is installed. All of them are black outlines:
 * cairo 1.16 writes the pictures of a colour font into a PDF as coarse images that are no text, and
 * with one key twice.
 *
 * Fonts are found in the directories that the system's fontconfig names (fonts-conf(5)).
 */
#ifndef EINLASS_VIEW_FONTS_H
#define EINLASS_VIEW_FONTS_H

#include "base/memory.h"

/* Makes these the only fonts of the process, as the families "sans-serif", "serif" and "monospace"
 * and for emoji. Call it before anything asks for a font; any thread may, and more than once. */
void fonts_choose(void);

/* Appends a line for each Debian package that is missing, with the scripts that lack a font. */
void fonts_missing(struct buffer *out);

#endif
