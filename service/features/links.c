#include "features/links.h"

#include "features/event/event.h"
#include "features/feature.h"
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

const char *link_manage(const struct worker *worker, const struct id *registration_id,
                        struct arena *arena)
{
    char id[ID_TEXT_BYTES], key[SECRET_LINK_TEXT_BYTES];

    id_format(registration_id, id);
    secret_link_key(worker->keyring, "manage", registration_id, key);
    return arena_printf(arena, "%s/registrations/%s?key=%s", worker->config->public_url, id, key);
}
