#include "event/invited.h"

#include <string.h>

#include "db/db.h"
#include "event/event.h"
#include "http/request.h"
#include "security/secret.h"
#include "worker.h"

static const char purpose[] = "invitation";

/* --- Links ----------------------------------------------------------------------------------- */

const char *link_accept(const struct worker *worker, const struct event *event, const struct id *id,
                        const char *language, struct arena *arena)
{
    char text[ID_TEXT_BYTES], key[SECRET_LINK_TEXT_BYTES];
    id_format(id, text);
    secret_link_key(worker->keyring, purpose, id, key);
    return arena_printf(arena, "%s/events/%s/register?invitation=%s.%s&lang=%s",
                        worker->config->public_url, event->slug, text, key, language);
}

const char *link_decline(const struct worker *worker, const struct event *event,
                         const struct id *id, const char *language, struct arena *arena)
{
    char text[ID_TEXT_BYTES], key[SECRET_LINK_TEXT_BYTES];
    id_format(id, text);
    secret_link_key(worker->keyring, purpose, id, key);
    return arena_printf(arena, "%s/events/%s/invitations/%s?key=%s&lang=%s",
                        worker->config->public_url, event->slug, text, key, language);
}

bool invited_key_matches(const struct worker *worker, const struct id *id, const char *key)
{
    return key && secret_link_key_matches(worker->keyring, purpose, id, key);
}

bool invited_read(const struct worker *worker, struct arena *arena, const char *token,
                  struct id *ret_id)
{
    char *id = token ? arena_copy(arena, token) : NULL, *key = id ? strchr(id, '.') : NULL;
    if (!key)
        return false;
    *key++ = '\0';
    return id_parse(id, ret_id) && invited_key_matches(worker, ret_id, key);
}

/* --- Looking up ------------------------------------------------------------------------------ */

struct search {
    struct request *request;
    struct id id;
    invited_found *on_found;
    void *context;
};

static const char *text(struct arena *arena, const struct rows *rows, const char *column)
{
    return arena_copy(arena, rows_text(rows, 0, column));
}

static void on_row(void *context, const struct db_result *result)
{
    const struct search *search = context;
    struct arena *arena = request_arena(search->request);
    const struct rows *rows = result->rows;
    if (result->outcome != DB_DONE || rows_count(rows) == 0) {
        search->on_found(search->context, NULL, result->outcome == DB_DONE ? NULL : result);
        return;
    }
    struct invited *invited = arena_alloc(arena, sizeof *invited);
    *invited = (struct invited){
        .id = search->id,
        .name = text(arena, rows, "name"),
        .language = text(arena, rows, "language"),
        .ticket_type = text(arena, rows, "ticket_type"),
        .state = event_invited_state(rows, 0),
        .good_for = rows_number(rows, 0, "good_for"),
        .left_over = rows_number(rows, 0, "left_over"),
        .has_registration = rows_bool(rows, 0, "has_registration"),
        .is_withdrawn = rows_bool(rows, 0, "is_withdrawn"),
        .has_kept_place = rows_bool(rows, 0, "has_kept_place"),
        .word = text(arena, rows, "word"),
    };
    const char *email = text(arena, rows, "email");
    if (!email_parse(arena, email, &invited->email))
        invited->email = (struct email){.address = email, .key = email};
    search->on_found(search->context, invited, NULL);
}

void invited_find(struct request *request, const struct id *id, invited_found *on_found,
                  void *context)
{
    struct search *search = arena_alloc(request_arena(request), sizeof *search);
    *search =
        (struct search){.request = request, .id = *id, .on_found = on_found, .context = context};
    db_ask(request_worker(request)->db,
           event_invited_params(&(struct event_invited){.event_id = &request_event(request)->id,
                                                        .invitation_id = &search->id}),
           on_row, search);
}

const char *invited_code(const struct invited *invited, const struct event *event)
{
    const struct ticket_type *type = event_ticket_type(event, invited->ticket_type);
    return type ? type->code : NULL;
}
