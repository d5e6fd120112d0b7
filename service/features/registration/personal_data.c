#include "features/registration/personal_data.h"

#include "event/event.h"
#include "features/registration/act.h"
#include "http/reply.h"
#include "statements.h"
#include "view/escape.h"

enum { INDENT = 2 };

/* Indented, in the order of the statement, for people to read. */
static void reply_file(struct request *request, json_t *data)
{
    const char *name = arena_printf(request_arena(request), "attachment; filename=\"%s.json\"",
                                    request_event(request)->slug);
    char *text = json_dumps(data, JSON_INDENT(INDENT) | JSON_PRESERVE_ORDER | ESCAPE_REALS);
    json_decref(data);
    reply_header(request, "Content-Disposition", name);
    reply_bytes(request, 200, "application/json", text, strlen(text));
    free(text);
}

static void on_found(void *context, const struct db_result *result)
{
    struct request *request = context;
    json_t *data = NULL;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    if (rows_count(result->rows) > 0)
        data = json_loads(rows_text(result->rows, 0, "data"), 0, NULL);
    if (!data)
        reply_refuse(request, 404, "not_found");
    else if (request_is_page(request))
        reply_file(request, data);
    else
        reply_view(request, 200, data);
}

void personal_data_show(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (errand)
        db_ask(request_worker(request)->db,
               registration_data_params(
                   &(struct registration_data){.event_id = &request_event(request)->id,
                                               .registration_id = &errand->registration_id}),
               on_found, request);
}

void personal_data_erase(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (!errand)
        return;
    act_run(errand, "erase", NULL, &(struct act_said)ACT_SAID_NOTHING);
}
