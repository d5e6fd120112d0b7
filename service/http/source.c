#include "http/source.h"

#include "base/clock.h"
#include "http/exchange.h"
#include "security/secret.h"
#include "worker.h"

const char *request_source(struct request *request)
{
    if (!request->source)
        request->source = trust_source(&request->arena, request_address(request));
    return request->source;
}

bool request_is_by_machine(struct request *request)
{
    return request->is_direct && trust_is_loopback(request_address(request));
}

static bool is_limited(struct request *request)
{
    return !(request->role & WHO_EDITORS) && !request_is_by_machine(request);
}

const char *request_source_hash(struct request *request)
{
    static const struct id any_event = {0};
    char hash[SECRET_LINK_TEXT_BYTES];
    if (!is_limited(request))
        return NULL;
    secret_link_key(request_worker(request)->keyring,
                    arena_printf(&request->arena, "source %s", request_source(request)), &any_event,
                    hash);
    return arena_copy(&request->arena, hash);
}

/* wait_s 0: does nothing. Returns whether it is 0. */
static bool tell_wait(struct request *request, int wait_s)
{
    if (wait_s > 0)
        reply_header(request, "Retry-After", arena_printf(&request->arena, "%d", wait_s));
    return wait_s == 0;
}

static struct pace_key with_source(struct request *request, const struct pace_key *key)
{
    struct pace_key whole = *key;
    whole.who = request_source(request);
    return whole;
}

static bool takes(struct request *request, const struct pace_key *key, int64_t permits)
{
    struct pace *pace = pace_of(request_worker(request));
    return tell_wait(request, pace_take(pace, key, permits, clock_monotonic_us()));
}

bool source_takes(struct request *request, const struct pace_key *key, int64_t permits)
{
    const struct pace_key whole = with_source(request, key);
    return !is_limited(request) || takes(request, &whole, permits);
}

void source_gives_back(struct request *request, const struct pace_key *key, int64_t permits)
{
    const struct pace_key whole = with_source(request, key);
    if (is_limited(request))
        pace_give_back(pace_of(request_worker(request)), &whole, permits, clock_monotonic_us());
}

bool source_may_guess(struct request *request, const struct pace_key *key)
{
    const struct pace_key whole = with_source(request, key);
    struct pace *pace = pace_of(request_worker(request));
    return tell_wait(request, pace_wait(pace, &whole, clock_monotonic_us()));
}

bool source_guessed_wrong(struct request *request, const struct pace_key *key)
{
    const struct pace_key whole = with_source(request, key);
    return takes(request, &whole, 1);
}

bool request_takes(struct request *request, const struct pace_key *key)
{
    return takes(request, key, 1);
}

bool caller_takes(struct request *request, enum pace_limit limit)
{
    char caller[ID_TEXT_BYTES];
    id_format(&request->caller->id, caller);
    return request_takes(
        request,
        &(struct pace_key){.limit = limit, .scope = &request->scope.event_id, .who = caller});
}
