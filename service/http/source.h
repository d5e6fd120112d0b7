/*
 * The source of a request: the client's IPv4 address, the /64 network of its IPv6 address (one
 * customer has at least as many), or "unix". Rate limits of anonymous writes count by source.
 *
 * The machine itself is a loopback address or unix socket without X-Forwarded-For, such as a script
 * of the operator. Only its wrong codes are counted. A proxy must therefore send X-Forwarded-For.
 */
#ifndef EINLASS_HTTP_SOURCE_H
#define EINLASS_HTTP_SOURCE_H

#include <stdbool.h>

#include "http/request.h"
#include "security/pace.h"

const char *request_source(struct request *request);
bool request_is_by_machine(struct request *request);

/* A hash of the source, to be stored: only this service can make it. NULL: the machine itself or an
 * editor of the request's event, who are not limited. */
const char *request_source_hash(struct request *request);

/*
 * Takes permits of a limit that is counted by source; the key needs no `who`. Returns true; or
 * false, and the answer will have Retry-After: refuse with 429. The machine itself and editors of
 * the request's event are not limited.
 */
MUST_CHECK bool source_takes(struct request *request, const struct pace_key *key, int64_t permits);
void source_gives_back(struct request *request, const struct pace_key *key, int64_t permits);

/*
 * For guesses of secrets. A wrong guess takes a permit. Ask first whether the source has one, and
 * take it after a wrong guess. Both return false like source_takes, and limit everybody.
 */
MUST_CHECK bool source_may_guess(struct request *request, const struct pace_key *key);
MUST_CHECK bool source_guessed_wrong(struct request *request, const struct pace_key *key);

/* Take a permit of another key than the source: of any key, or of the request's caller at its
 * event. They limit everybody and return false like source_takes. */
MUST_CHECK bool request_takes(struct request *request, const struct pace_key *key);
MUST_CHECK bool caller_takes(struct request *request, enum pace_limit limit);

#endif
