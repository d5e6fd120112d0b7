/*
 * The files below service/web/ that browsers load: styles, scripts, icons. Their address has a hash
 * of their content in it, "/assets/einlass.1f0c….css", so that they may be kept for ever. They are
 * packed once and answered from memory.
 */
#ifndef EINLASS_HTTP_ASSETS_H
#define EINLASS_HTTP_ASSETS_H

#include <jansson.h>

#include "http/router.h"

struct assets;

struct assets *assets_create(void);
void assets_destroy(struct assets *assets);

/* The address of "web/einlass.css"; "" where there is no such file. */
const char *assets_link(const struct assets *assets, const char *name);

/* The style sheet itself, for pages that bring it along, and the source by which the policy of all
 * pages allows that ("'sha256-…'"). Borrowed. */
json_t *assets_styles(const struct assets *assets);
const char *assets_styles_source(const struct assets *assets);

/* All addresses by name, with an underscore for what is no letter or digit and "web/" left out:
 * {"einlass_css": "/assets/…"}. Borrowed. */
json_t *assets_links(const struct assets *assets);

/* The same for who has only the request. Borrowed. */
json_t *assets_of_request(const struct request *request);

/* GET …/{name}: the file whose address ends in "/assets/{name}", also below another path. */
void assets_answer(struct request *request);

/* The rows that answer them, to be given to router_create with those of the features. */
extern const struct route assets_routes[];

#endif
