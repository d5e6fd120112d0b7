#include "http/work.h"

#include "base/memory.h"
#include "base/pool.h"
#include "http/reply.h"
#include "worker.h"

struct work {
    struct request *request;
    void (*run)(void *context);
    void (*on_done)(struct request *request, void *context);
    void *context;
};

static void run(void *context)
{
    struct work *work = context;
    work->run(work->context);
}

static void on_done(void *context)
{
    struct work *work = context;
    work->on_done(work->request, work->context);
    free(work);
}

static void on_dropped(void *context)
{
    struct work *work = context;
    work->on_done(NULL, work->context);
    free(work);
}

void request_work(struct request *request, void (*run_work)(void *context),
                  void (*on_work_done)(struct request *request, void *context), void *context)
{
    struct work *work = memory_alloc(sizeof *work);
    *work = (struct work){request, run_work, on_work_done, context};
    const struct pool_job job = {run, on_done, on_dropped, work};
    if (pool_submit(request_worker(request)->pool, &job))
        return;
    on_dropped(work);
    reply_busy(request, "busy");
}
