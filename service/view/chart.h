/*
 * Charts as SVG for pages: without styles, scripts and ids, so a strict Content-Security-Policy
 * allows them. The style sheet sets height and colours (.chart, .meter). They fill their width, and
 * their texts stay as large as the page's. A chart is one picture with one text for screen readers,
 * so the page also needs its numbers as a table.
 */
#ifndef EINLASS_VIEW_CHART_H
#define EINLASS_VIEW_CHART_H

#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

struct locale;

struct chart_bar {
    int64_t value;     /* 0 or more */
    int64_t before;    /* a value to compare with, drawn as a line across the bar; 0: none */
    const char *title; /* shown while the pointer rests on the bar; NULL: none */
    const char *label; /* under the bar's left edge; NULL: none */
};

struct chart {
    const char *text; /* for screen readers */
    const struct chart_bar *bars;
    size_t count;
    const struct locale *locale; /* writes the numbers of the scale */
};

/* Appends a bar chart with a scale that starts at 0. Without bars it has only the scale. */
void chart_bars(const struct chart *chart, struct buffer *out);

/* Appends a line from 0 to the greatest of the values: how many are expected, how many of them
 * came, how many of those are inside, and a mark for the capacity (-1: none). */
struct chart_meter {
    const char *text; /* for screen readers */
    int64_t expected, came, inside, capacity;
};
void chart_meter(const struct chart_meter *meter, struct buffer *out);

#endif
