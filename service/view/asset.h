/*
 * The files that are built into the program: templates, wordings, styles, scripts. They are named
 * by their path below service/: "event/event.html", "web/einlass.css".
 */
#ifndef EINLASS_VIEW_ASSET_H
#define EINLASS_VIEW_ASSET_H

#include <stddef.h>

struct asset {
    const char *name;
    const unsigned char *bytes; /* a NUL behind them */
    size_t length;
};

/* All of them, sorted by name; written by embed.c. */
extern const struct asset asset_all[];
extern const size_t asset_count;

/* NULL: there is none of that name. */
const struct asset *asset_find(const char *name);

#endif
