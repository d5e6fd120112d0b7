/*
 * The smallest feature with everything that a feature may bring: a route as page and as JSON, a
 * statement, words, a command, gauges and a state of its own. Only tests build it, so that "add a
 * folder and its name" stays true.
 */
#include <stdio.h>

#include "base/gauges.h"
#include "base/memory.h"
#include "db/db.h"
#include "features/feature.h"
#include "http/reply.h"
#include "statements.h"

struct greetings {
    uint64_t count;
};

static void *create(struct worker *worker)
{
    (void)worker;
    return memory_alloc(sizeof(struct greetings));
}

static const struct worker_slot slot = {.name = "greetings", .create = create};

static void on_greeted(void *context, const struct db_result *result)
{
    struct request *request = context;
    struct greetings *greetings = worker_state(request_worker(request), &slot);
    if (result->outcome != DB_DONE) {
        reply_busy(request, "busy");
        return;
    }
    switch (greeting_greet_outcome(result->rows, 0)) {
    case GREETING_OUTCOME_GREETED:
        greetings->count++;
        reply_view(request, 200,
                   json_pack("{s:s, s:I}", "greeting", rows_text(result->rows, 0, "greeting"),
                             "count", (json_int_t)greetings->count));
        return;
    case GREETING_OUTCOME_NOBODY:
        reply_refuse(request, 404, "not_found");
        return;
    case GREETING_OUTCOME_NONE:
        reply_refuse(request, 500, "internal");
        return;
    }
}

static void greet(struct request *request)
{
    const struct greeting_greet given = {.name = request_query(request, "name")};
    request_locale(request); /* headers can be read before a wait only */
    db_ask(request_worker(request)->db, greeting_greet_params(&given), on_greeted, request);
}

static const struct route routes[] = {
    {"GET", "/greeting", ROUTE_API | ROUTE_PAGE, WHO_ANYBODY, .query = "name",
     .template = "features/greeting/greeting.html", .handle = greet},
    {0},
};

static int say(const struct config *config, int argc, char **argv)
{
    (void)config;
    if (argc != 1)
        return COMMAND_USAGE;
    printf("Hello, %s\n", argv[0]);
    return COMMAND_DONE;
}

static const struct command command_say = {
    .words = "greeting say", .arguments = "NAME", .help = "greet somebody", .run = say};

static const struct command *const commands[] = {&command_say, NULL};

static void measure(struct worker *worker, struct gauges *gauges)
{
    static const struct gauge greeted = {"greetings_total", "counter", "People who were greeted."};
    const struct greetings *greetings = worker_state(worker, &slot);
    gauges_add(gauges, &greeted, greetings->count, "%s", "");
}

extern const struct feature feature_greeting;
const struct feature feature_greeting = {
    .name = "greeting", .routes = routes, .commands = commands, .measure = measure};
