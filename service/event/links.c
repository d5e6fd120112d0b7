#include "event/links.h"

#include "event/event.h"
#include "worker.h"
#include "security/secret.h"
#include "security/ticket.h"

struct ticket_link link_ticket(const struct worker *worker, const struct event *event,
                               const struct id *ticket_id, int64_t expires_at_us,
                               struct arena *arena)
{
    struct ticket_claims claims = {.id = *ticket_id, .expires_at_us = expires_at_us};
    struct ticket_link link;
    struct buffer token;

    snprintf(claims.event, sizeof claims.event, "%s", event->slug);
    buffer_init(&token);
    ticket_sign(worker->keyring, &claims, &token);
    link.token = arena_copy_bytes(arena, token.bytes, token.length);
    link.url = arena_printf(arena, "%s/tickets/%s", worker->config->public_url, link.token);
    buffer_finish(&token);
    return link;
}

static const char *link_with_key(const struct worker *worker, const struct id *registration_id,
                                 const char *purpose, const char *what, struct arena *arena)
{
    char id[ID_TEXT_BYTES], key[SECRET_LINK_TEXT_BYTES];

    id_format(registration_id, id);
    secret_link_key(worker->keyring, purpose, registration_id, key);
    return arena_printf(arena, "%s/registrations/%s%s?key=%s", worker->config->public_url, id, what,
                        key);
}

const char *link_manage(const struct worker *worker, const struct id *registration_id,
                        struct arena *arena)
{
    return link_with_key(worker, registration_id, "manage", "", arena);
}

const char *link_messages(const struct worker *worker, const struct event *event,
                          struct arena *arena)
{
    char key[SECRET_LINK_TEXT_BYTES];

    secret_link_key(worker->keyring, "messages", &event->id, key);
    return arena_printf(arena, "%s/events/%s/messages?key=%s", worker->config->public_url,
                        event->slug, key);
}

static const char *verify_purpose(const char *email, struct arena *arena)
{
    return arena_printf(arena, "verify %s", email);
}

const char *link_verify(const struct worker *worker, const struct id *registration_id,
                        const char *email, struct arena *arena)
{
    return link_with_key(worker, registration_id, verify_purpose(email, arena), "/verify", arena);
}

bool link_verify_key_matches(const struct worker *worker, const struct id *registration_id,
                             const char *email, const char *key, struct arena *arena)
{
    return secret_link_key_matches(worker->keyring, verify_purpose(email, arena), registration_id,
                                   key);
}
