/* The pages of the API: what each operation takes and answers. The build makes them from
 * docs/openapi.yaml (reference.js). */
#ifndef EINLASS_FEATURES_OPERATIONS_REFERENCE_H
#define EINLASS_FEATURES_OPERATIONS_REFERENCE_H

#include <jansson.h>

struct request;

/* GET /api: how to use the API, and its operations. */
void reference_show(struct request *request);

/* GET /api/{operation}: one of them. */
void reference_show_operation(struct request *request);

/* Returns where the description tells of a problem, {"statuses": ["409"], "operations": [{"id",
 * "method", "path", "summary"}]}, a new reference. */
json_t *reference_problem(struct request *request, const char *code);

#endif
