/* The query parameters of this feature's routes. */
#ifndef EINLASS_FEATURES_ATTENDEE_PARAMETERS_H
#define EINLASS_FEATURES_ATTENDEE_PARAMETERS_H

#include <stdbool.h>

#include "features/attendee/filter.h"
#include "http/request.h"

/* The filter of a request for its event; false: it was answered 400, naming the parameter. */
MUST_CHECK bool parameters_filter(struct request *request, struct filter *ret_filter);

#endif
