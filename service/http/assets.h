/*
 * The files below service/web/ that browsers load: styles, scripts, icons. Their address has a hash
 * of their content, "/assets/einlass.1f0c….css", so that browsers may cache them for ever. They are
 * compressed once and answered from memory.
 */
#ifndef EINLASS_HTTP_ASSETS_H
#define EINLASS_HTTP_ASSETS_H

#include <jansson.h>

#include "http/router.h"

struct assets;

struct assets *assets_create(void);
void assets_destroy(struct assets *assets);

/* Returns the address of a file like "web/einlass.css", or "" if there is no such file. */
const char *assets_link(const struct assets *assets, const char *name);

/* Return the style sheet for pages with inline styles, and its source for the policy of all pages
 * ("'sha256-…'"). Borrowed. */
json_t *assets_styles(const struct assets *assets);
const char *assets_styles_source(const struct assets *assets);

/* Returns all addresses: {"einlass_css": "/assets/…"}. Names lack "web/" and have "_" for every
 * other character than letters and digits. Borrowed. */
json_t *assets_links(const struct assets *assets);

json_t *assets_of_request(const struct request *request);

/* GET …/{name}: answers the file whose address ends in "/assets/{name}". */
void assets_answer(struct request *request);

/* Routes for router_create. */
extern const struct route assets_routes[];

#endif
