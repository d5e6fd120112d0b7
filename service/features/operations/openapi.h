/* What the service says about its own interface: its description and its table of routes. */
#ifndef EINLASS_FEATURES_OPERATIONS_OPENAPI_H
#define EINLASS_FEATURES_OPERATIONS_OPENAPI_H

#include "config.h"

struct request;

/* GET /api/v1/openapi.json: docs/openapi.yaml as JSON, made when the program was built. */
void openapi_show(struct request *request);

/* einlass routes: a line a mounted row, "METHOD PATH MOUNT WHO" with a tab between: mount is api,
 * page or plain; who is anybody, or the callers that may, separated by commas. */
int openapi_list_routes(const struct config *config, int argc, char **argv);

#endif
