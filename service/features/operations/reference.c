#include "features/operations/reference.h"

#include "base/log.h"
#include "http/reply.h"
#include "view/asset.h"
#include "worker.h"

static void *create(struct worker *worker)
{
    const struct asset *asset = asset_find("features/operations/reference.json");
    (void)worker;
    return json_loadb((const char *)asset->bytes, asset->length, 0, NULL);
}

static void destroy(void *state)
{
    json_decref(state);
}

static const struct worker_slot slot = {
    .name = "API reference", .shared = true, .create = create, .destroy = destroy};

/* Returns a copy of a part, because threads share the whole, and jansson counts references. */
static json_t *copy(struct request *request, const char *part, const char *name)
{
    const json_t *all = worker_state(request_worker(request), &slot);
    return json_deep_copy(json_object_get(json_object_get(all, part), name));
}

void reference_show(struct request *request)
{
    static const char *const parts[] = {"text", "groups", "schemes", "rows"};
    const json_t *all = worker_state(request_worker(request), &slot);
    json_t *view = json_object();
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        json_object_set_new(view, parts[i], json_deep_copy(json_object_get(all, parts[i])));
    reply_view(request, 200, view);
}

void reference_show_operation(struct request *request)
{
    json_t *view = copy(request, "operations", request_path(request, "operation"));
    if (view)
        reply_view(request, 200, view);
    else
        reply_refuse(request, 404, "not_found");
}

json_t *reference_problem(struct request *request, const char *code)
{
    json_t *told = copy(request, "problems", code);
    return told ? told : json_pack("{s:[], s:[]}", "statuses", "operations");
}
