#include "features/attendee/parameters.h"

#include "form/parameter.h"
#include "http/reply.h"

static const char *query_of(void *context, const char *name)
{
    return request_query(context, name);
}

bool parameters_filter(struct request *request, struct filter *ret_filter)
{
    const char *wrong;
    if (filter_read(request_arena(request), request_event(request), query_of, request, ret_filter,
                    &wrong))
        return true;
    parameter_refuse(request, "attendee", wrong);
    return false;
}
