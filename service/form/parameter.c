#include "form/parameter.h"

#include "http/reply.h"
#include "view/locale.h"

void parameter_refuse(struct request *request, const char *feature, const char *name)
{
    const char *key = arena_printf(request_arena(request), "%s.parameter.%s", feature, name);
    struct buffer expected;
    buffer_init(&expected);
    locale_text(request_locale(request), key, NULL, &expected);
    json_t *data = json_pack("{s:s, s:s}", "parameter", name, "expected", buffer_text(&expected));
    buffer_finish(&expected);
    reply_problem(request,
                  &(struct problem){.status = 400, .code = "wrong_parameter", .data = data});
}
