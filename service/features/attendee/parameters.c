#include "features/attendee/parameters.h"

#include "http/reply.h"
#include "view/locale.h"

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
    parameters_refuse(request, wrong);
    return false;
}

void parameters_refuse(struct request *request, const char *name)
{
    struct buffer expected;
    buffer_init(&expected);
    locale_text(request_locale(request),
                arena_printf(request_arena(request), "attendee.parameter.%s", name), NULL,
                &expected);
    json_t *data = json_pack("{s:s, s:s}", "parameter", name, "expected", buffer_text(&expected));
    buffer_finish(&expected);
    reply_problem(request,
                  &(struct problem){.status = 400, .code = "wrong_parameter", .data = data});
}

void parameters_failed(struct request *request, enum db_outcome outcome)
{
    if (outcome == DB_REFUSED)
        reply_refuse(request, 500, "internal");
    else
        reply_busy(request, "busy");
}
