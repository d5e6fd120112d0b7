#include "features/invitation/invitation.h"

#include "event/event.h"
#include "features/invitation/answer.h"
#include "features/invitation/invitation_mail.h"
#include "features/invitation/invitees.h"
#include "features/invitation/invite.h"
#include "features/invitation/kept.h"
#include "features/invitation/sending.h"
#include "http/reply.h"
#include "view/locale.h"
#include "worker.h"

const char *invitation_path(struct request *request, const char *rest)
{
    return arena_printf(request_arena(request), "/desk/events/%s/invitations%s",
                        request_event(request)->slug, rest);
}

bool invitation_read_id(struct request *request, struct id *ret_id)
{
    bool is_id = id_parse(request_path(request, "invitation"), ret_id);
    if (!is_id)
        reply_refuse(request, 404, "not_found");
    return is_id;
}

json_t *invitation_word(struct request *request, const char *key, const json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(request), key, data, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

void invitation_run_locked(struct request *request, struct params *params, db_done *on_done,
                           void *context)
{
    struct params *lock = registration_lock_tally_params();
    registration_lock_tally_add_event(lock, &request_event(request)->id);
    db_run(request_worker(request)->db, &(struct db_query){.lane = DB_LOCKING,
                                                           .key = &request_event(request)->id,
                                                           .lock = lock,
                                                           .run = params,
                                                           .again = true,
                                                           .on_done = on_done,
                                                           .context = context});
}

bool invitation_has_mail(const struct request *request)
{
    return *request_worker(request)->config->smtp != '\0';
}

static const struct route routes[] = {
    {"GET", "/events/{event}/invitations", ROUTE_API | ROUTE_DESK, WHO_READERS,
     .template = "features/invitation/invitees.html", .menu = "invitations", .menu_place = 35,
     .handle = invitees_list, .query = "state q page"},
    {"GET", "/events/{event}/invitations.csv", ROUTE_API | ROUTE_DESK, WHO_READERS,
     .template = "features/invitation/invitees.html", .handle = invitees_file},
    {"GET", "/events/{event}/invitations/add", ROUTE_DESK, WHO_EDITORS,
     .template = "features/invitation/invite.html", .handle = invite_show},
    {"POST", "/events/{event}/invitations/add", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .body_bytes = INVITE_BODY_BYTES, .takes_file = true,
     .template = "features/invitation/invite.html", .handle = invite_take},
    {"GET", "/events/{event}/invitations/send", ROUTE_DESK, WHO_EDITORS,
     .template = "features/invitation/sending.html", .handle = sending_show_invitation},
    {"POST", "/events/{event}/invitations/send", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .template = "features/invitation/sending.html",
     .handle = sending_send_invitation},
    {"GET", "/events/{event}/invitations/remind", ROUTE_DESK, WHO_EDITORS,
     .template = "features/invitation/sending.html", .handle = sending_show_reminder},
    {"POST", "/events/{event}/invitations/remind", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .template = "features/invitation/sending.html",
     .handle = sending_send_reminder},
    {"GET", "/events/{event}/invitations/places", ROUTE_API | ROUTE_DESK, WHO_READERS,
     .template = "features/invitation/kept.html", .handle = kept_show},
    {"POST", "/events/{event}/invitations/places", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .template = "features/invitation/kept.html", .handle = kept_change},
    {"GET", "/events/{event}/invitations/{invitation}", ROUTE_API | ROUTE_DESK, WHO_READERS,
     .template = "features/invitation/invitation.html", .handle = invitees_show},
    {"POST", "/events/{event}/invitations/{invitation}", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .template = "features/invitation/invitation.html",
     .handle = invitees_correct},
    {"GET", "/events/{event}/invitations/{invitation}", ROUTE_PAGE, WHO_ANYBODY,
     .template = "features/invitation/answer.html", .handle = answer_show},
    {"POST", "/events/{event}/invitations/{invitation}/decline", ROUTE_API | ROUTE_PAGE,
     WHO_ANYBODY, .body = BODY_JSON, .template = "features/invitation/answer.html",
     .handle = answer_decline},
    {"GET", "/events/{event}/invitations/{invitation}/letter", ROUTE_DESK, WHO_EDITORS,
     .template = "features/message/preview.html", .handle = sending_preview},
    {"POST", "/events/{event}/invitations/{invitation}/letter", ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .template = "features/message/preview.html", .handle = sending_preview},
    {"POST", "/events/{event}/invitations/{invitation}/send", ROUTE_API | ROUTE_DESK, WHO_EDITORS,
     .body = BODY_JSON, .template = "features/invitation/invitation.html",
     .handle = sending_send_one},
    {"POST", "/events/{event}/invitations/{invitation}/withdraw", ROUTE_API | ROUTE_DESK,
     WHO_EDITORS, .body = BODY_JSON, .template = "features/invitation/invitation.html",
     .handle = invitees_withdraw},
    {0},
};

static const struct periodic periodic[] = {
    {.run = kept_end, .every_ms = KEPT_EVERY_MS, .waits_after_jump = true},
    {.run = kept_count, .every_ms = KEPT_COUNT_EVERY_MS},
    {.run = invitees_forget, .every_ms = INVITATIONS_FORGET_EVERY_MS, .waits_after_jump = true},
    {0},
};

const struct feature feature_invitation = {
    .name = "invitation",
    .routes = routes,
    .periodic = periodic,
    .start = invitation_mail_start,
    .stop = invitation_mail_stop,
};
