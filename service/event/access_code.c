#include "event/access_code.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/pace.h"
#include "security/secret.h"
#include "worker.h"

static const struct pace_limit wrong_codes = {.most = ACCESS_CODE_WRONG_MOST,
                                              .a_second = ACCESS_CODE_WRONG_A_SECOND};

bool access_code_opens(const struct ticket_type *type, const char *code)
{
    if (!type->code)
        return true;
    size_t length = strlen(type->code);
    return code && strlen(code) == length && secret_equal(code, type->code, length);
}

static bool opens_any(const struct event *event, const char *code)
{
    bool opens = false;
    for (size_t i = 0; i < event->ticket_type_count; i++)
        opens |= event->ticket_types[i].code && access_code_opens(&event->ticket_types[i], code);
    return opens;
}

static void *create(struct worker *worker)
{
    (void)worker;
    return memory_alloc(sizeof(struct pace));
}

static const struct worker_slot slot = {.name = "access codes", .create = create};

enum access_code access_code_try(struct worker *worker, const struct event *event, const char *code)
{
    struct pace *pace = worker_state(worker, &slot);
    int64_t now_us = clock_monotonic_us();
    if (!code || *code == '\0')
        return ACCESS_CODE_NONE;
    if (!pace_allows(pace, &wrong_codes, now_us))
        return ACCESS_CODE_TOO_MANY;
    if (opens_any(event, code))
        return ACCESS_CODE_OPENS;
    pace_count(pace, &wrong_codes, now_us);
    return ACCESS_CODE_WRONG;
}
