#include "event/links.h"

#include "base/clock.h"
#include "base/text.h"
#include "db/db.h"
#include "event/event.h"
#include "event/event_view.h"
#include "event/events.h"
#include "event/host.h"
#include "http/reply.h"
#include "http/request.h"
#include "security/secret.h"
#include "security/ticket.h"
#include "worker.h"

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
    link.url = arena_printf(arena, "%s/tickets/%s", worker->config->public_url, token.bytes);
    link.token = link.url + strlen(link.url) - token.length;
    buffer_finish(&token);
    return link;
}

/* --- Keys with a version: "KEY-3"; the first one has no number ----------------------------------
 */

static const char *versioned_purpose(const char *purpose, int64_t version, struct arena *arena)
{
    return version == 0 ? purpose : arena_printf(arena, "%s %lld", purpose, (long long)version);
}

static const char *versioned_key(const struct worker *worker, const char *purpose,
                                 const struct id *id, int64_t version, struct arena *arena)
{
    char key[SECRET_LINK_TEXT_BYTES];
    secret_link_key(worker->keyring, versioned_purpose(purpose, version, arena), id, key);
    return version == 0 ? arena_copy(arena, key)
                        : arena_printf(arena, "%s-%lld", key, (long long)version);
}

static bool read_versioned_key(const struct worker *worker, const char *purpose,
                               const struct id *id, const char *given, struct arena *arena,
                               int64_t *ret_version)
{
    char *key = arena_copy(arena, given), *number = strchr(key, '-');
    int64_t version = 0;
    if (number) {
        *number++ = '\0';
        if (!text_parse_number(number, 1, INT32_MAX, &version))
            return false;
    }
    if (!secret_link_key_matches(worker->keyring, versioned_purpose(purpose, version, arena), id,
                                 key))
        return false;
    *ret_version = version;
    return true;
}

/* Returns the link to a page of the registration. */
static const char *link_registration(const struct worker *worker, const struct id *registration_id,
                                     const char *page, int64_t version, struct arena *arena)
{
    char id[ID_TEXT_BYTES];
    id_format(registration_id, id);
    return arena_printf(arena, "%s/registrations/%s%s?key=%s", worker->config->public_url, id, page,
                        versioned_key(worker, "manage", registration_id, version, arena));
}

const char *link_manage(const struct worker *worker, const struct id *registration_id,
                        int64_t version, struct arena *arena)
{
    return link_registration(worker, registration_id, "", version, arena);
}

const char *link_companion(const struct worker *worker, const struct id *registration_id,
                           const struct id *attendee_id, int64_t version, struct arena *arena)
{
    char id[ID_TEXT_BYTES], attendee[ID_TEXT_BYTES];
    id_format(registration_id, id);
    id_format(attendee_id, attendee);
    return arena_printf(arena, "%s/registrations/%s/attendees/%s?key=%s",
                        worker->config->public_url, id, attendee,
                        versioned_key(worker, "companion", attendee_id, version, arena));
}

bool link_manage_key_version(const struct worker *worker, const struct id *registration_id,
                             const char *key, struct arena *arena, int64_t *ret_version)
{
    return read_versioned_key(worker, "manage", registration_id, key, arena, ret_version);
}

bool link_companion_key_version(const struct worker *worker, const struct id *attendee_id,
                                const char *key, struct arena *arena, int64_t *ret_version)
{
    return read_versioned_key(worker, "companion", attendee_id, key, arena, ret_version);
}

static const char *verify_purpose(const char *email, struct arena *arena)
{
    return arena_printf(arena, "verify %s", email);
}

const char *link_verify(const struct worker *worker, const struct id *registration_id,
                        const char *email, struct arena *arena)
{
    char id[ID_TEXT_BYTES], key[SECRET_LINK_TEXT_BYTES];
    id_format(registration_id, id);
    secret_link_key(worker->keyring, verify_purpose(email, arena), registration_id, key);
    return arena_printf(arena, "%s/registrations/%s/verify?key=%s", worker->config->public_url, id,
                        key);
}

const char *link_mailed(const struct worker *worker, const struct id *registration_id,
                        const char *page, int64_t version, const char *email, struct arena *arena)
{
    char key[SECRET_LINK_TEXT_BYTES];
    secret_link_key(worker->keyring, verify_purpose(email, arena), registration_id, key);
    return arena_printf(arena, "%s&mail=%s",
                        link_registration(worker, registration_id, page, version, arena), key);
}

bool link_verify_key_matches(const struct worker *worker, const struct id *registration_id,
                             const char *email, const char *key, struct arena *arena)
{
    return secret_link_key_matches(worker->keyring, verify_purpose(email, arena), registration_id,
                                   key);
}

static const char *preview_purpose(const struct event *event, struct arena *arena)
{
    return arena_printf(arena, "preview %d", event->preview);
}

const char *link_preview(const struct worker *worker, const struct event *event,
                         struct arena *arena)
{
    char key[SECRET_LINK_TEXT_BYTES];
    if (event->preview == 0)
        return NULL;
    secret_link_key(worker->keyring, preview_purpose(event, arena), &event->id, key);
    return arena_printf(arena, "%s/events/%s?preview=%s", worker->config->public_url, event->slug,
                        key);
}

/* The link shows the event's page, and nothing else of a draft. */
static bool is_previewed(struct request *request, const struct event *event)
{
    struct arena *arena = request_arena(request);
    const char *key = request_query(request, "preview");
    return key && event->preview > 0 && request_mount(request) == ROUTE_PAGE &&
           strcmp(request_route(request)->path, "/events/{event}") == 0 &&
           secret_link_key_matches(request_worker(request)->keyring, preview_purpose(event, arena),
                                   &event->id, key);
}

/* --- The scope of a path -------------------------------------------------------------------------
 */

/* An event as a path names it. */
struct name {
    char slug[TICKET_EVENT_MOST + 1]; /* "": use the number */
    uint32_t number;
};

/* Only people of the registration know a path with its id or ticket. They may know the event, too.
 */
static bool is_personal(const struct request *request)
{
    return !request_has_path(request, "event");
}

/* Takes the reference. NULL: no event. */
static void go_on(struct request *request, const struct event *event)
{
    if (event)
        request_set_scope(request, &(struct scope){
                                       .event = event,
                                       .organiser_id = event->organiser_id,
                                       .event_id = event->id,
                                       .is_public = event->published || is_personal(request) ||
                                                    is_previewed(request, event),
                                       .frame_origins = event->frame_origins,
                                       .form_bytes = event->form_size.bytes,
                                       .form_fields = event->form_size.fields,
                                       .release = events_release,
                                       .describe = event_view_head,
                                       .host = host_view,
                                       .host_style_source = host_style_source,
                                   });
    request_continue(request);
}

static void on_found(void *context, const struct event *event, int outcome)
{
    struct request *request = context;
    if (event || outcome == DB_DONE)
        go_on(request, event);
    else
        reply_failed(request, &(struct db_result){.outcome = (enum db_outcome)outcome});
}

static bool read_slug(const char *slug, struct name *ret_name)
{
    size_t length = strlen(slug);
    if (length >= sizeof ret_name->slug ||
        strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") != length)
        return false;
    memcpy(ret_name->slug, slug, length + 1);
    return true;
}

static bool read_id(const char *text, struct name *ret_name)
{
    struct id id;
    if (!id_parse(text, &id))
        return false;
    ret_name->number = id_event_number(&id);
    return true;
}

static bool read_ticket(const struct request *request, struct name *ret_name)
{
    struct ticket_claims claims;
    const struct worker *worker = request_worker(request);
    if (ticket_read(worker->keyring, request_path(request, "ticket"), &claims) != TICKET_GENUINE)
        return false;
    memcpy(ret_name->slug, claims.event, sizeof claims.event);
    return true;
}

static const struct event *named_now(struct worker *worker, const struct name *name)
{
    return *name->slug ? events_now(worker, name->slug) : events_number_now(worker, name->number);
}

void events_find_scope(struct request *request)
{
    struct worker *worker = request_worker(request);
    struct name name = {.number = 0};
    bool readable = request_has_path(request, "event")
                        ? read_slug(request_path(request, "event"), &name)
                    : request_has_path(request, "registration")
                        ? read_id(request_path(request, "registration"), &name)
                        : read_ticket(request, &name);
    if (!readable) {
        go_on(request, NULL);
        return;
    }
    bool by_slug = *name.slug != '\0';
    const struct event *event = named_now(worker, &name);
    if (event)
        go_on(request, events_hold(event));
    else if (by_slug)
        events_find(worker, name.slug, on_found, request);
    else
        events_find_number(worker, name.number, on_found, request);
}

size_t events_form_bytes(struct worker *worker, const struct router_match *match)
{
    struct name name = {.number = 0};
    const char *slug = router_value(match, "event"), *id = router_value(match, "registration");
    if (slug ? !read_slug(slug, &name) : id && !read_id(id, &name))
        return ROUTE_FORM_LEAST_BYTES;
    const struct event *event = slug || id ? named_now(worker, &name) : NULL;
    return event ? event->form_size.bytes : (size_t)ROUTE_FORM_MOST_BYTES;
}
