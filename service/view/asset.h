/*
 * The files built into the program: templates, wordings, styles, scripts. The name of an asset is
 * its path below service/: "event/event.html", "web/einlass.css".
 */
#ifndef EINLASS_VIEW_ASSET_H
#define EINLASS_VIEW_ASSET_H

#include <stddef.h>

struct asset {
    const char *name;
    const unsigned char *bytes; /* followed by a NUL */
    size_t length;
};

/* All assets, sorted by name. embed.js generates the array. */
extern const struct asset asset_all[];
extern const size_t asset_count;

/* NULL: no asset has this name. */
const struct asset *asset_find(const char *name);

#endif
