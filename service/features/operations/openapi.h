/* The description of the API, and the table of routes. */
#ifndef EINLASS_FEATURES_OPERATIONS_OPENAPI_H
#define EINLASS_FEATURES_OPERATIONS_OPENAPI_H

#include "config.h"

struct request;

/* GET /api/v1/openapi.json: docs/openapi.yaml, which the build converts to JSON. */
void openapi_show(struct request *request);

/* einlass routes: prints a line for each route and mount, with tabs: METHOD, PATH, MOUNT (api,
 * page, plain or desk), WHO (anybody, or roles with commas between) and QUERY (what the API takes
 * behind the "?", with blanks between). */
int openapi_list_routes(const struct config *config, int argc, char **argv);

#endif
