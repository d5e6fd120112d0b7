/* Colours with enough contrast (WCAG 2.2, success criteria 1.4.3 and 1.4.11), in light and in dark.
 */
#ifndef EINLASS_VIEW_COLOUR_H
#define EINLASS_VIEW_COLOUR_H

#include <stdbool.h>

#include "base/memory.h"

enum { COLOUR_TEXT_BYTES = 8 };

/* The colours that the style sheet calls --accent, --on-accent and --accent-soft, as "#2547c0". */
struct colour_look {
    char accent[COLOUR_TEXT_BYTES];    /* of links, borders and the ground of buttons */
    char on_accent[COLOUR_TEXT_BYTES]; /* of the text on buttons */
    char soft[COLOUR_TEXT_BYTES];      /* a ground for text in the accent */
    bool is_changed;                   /* the accent is not the colour that was chosen */
};

/* Whether the text is a colour such as "#2547c0". NULL is none. */
bool colour_is(const char *text);

/* Makes the look of a chosen colour, which colour_is(). The accent becomes darker, or lighter on
 * dark pages, until it has a contrast of 4.5:1 with every ground of web/styles/look.css. */
void colour_look(const char *chosen, bool is_dark, struct colour_look *ret_look);

#endif
