#include "features/account/account.h"

#include "db/db.h"
#include "features/account/account_page.h"
#include "features/account/callers.h"
#include "features/account/invitation.h"
#include "features/account/second_factor.h"
#include "features/account/sessions.h"
#include "features/account/sign_in.h"
#include "features/account/sign_in_mail.h"
#include "statements.h"

static void on_notice(struct worker *worker, const char *payload)
{
    static const char subject[] = "caller ";
    struct id id;
    if (strncmp(payload, subject, sizeof subject - 1) == 0 &&
        id_parse(payload + sizeof subject - 1, &id))
        callers_forget(callers_of(worker), &id);
}

static void on_gap(struct worker *worker)
{
    callers_forget_all(callers_of(worker));
}

#define PAGE(name) .template = "features/account/" name ".html"

static const struct route routes[] = {
    {"GET", "/sign-in", ROUTE_DESK, WHO_ANYBODY, PAGE("sign_in"), .handle = sign_in_show},
    {"POST", "/sign-in", ROUTE_DESK, WHO_ANYBODY, .body = BODY_JSON, PAGE("sign_in"),
     .handle = sign_in_handle},
    {"POST", "/sign-out", ROUTE_DESK, WHO_ANYBODY, PAGE("sign_in"), .handle = sign_out_handle},
    {"GET", "/account", ROUTE_DESK, WHO_SESSION, PAGE("account"), .handle = account_show},
    {"POST", "/account/password", ROUTE_DESK, WHO_SESSION, .body = BODY_JSON, PAGE("account"),
     .handle = account_change_password},
    {"POST", "/account/sessions/{session}/end", ROUTE_DESK, WHO_SESSION, PAGE("account"),
     .handle = account_end_session},
    {"POST", "/account/end-others", ROUTE_DESK, WHO_SESSION, PAGE("account"),
     .handle = account_end_others},
    {"POST", "/account/rule", ROUTE_DESK, WHO_SESSION, .body = BODY_JSON, PAGE("account"),
     .handle = account_require_second_factor},
    {"GET", "/account/second-factor", ROUTE_DESK, WHO_SESSION, PAGE("second_factor"),
     .handle = second_factor_show},
    {"POST", "/account/second-factor", ROUTE_DESK, WHO_SESSION, .body = BODY_JSON,
     PAGE("second_factor"), .handle = second_factor_confirm},
    {"POST", "/account/second-factor/off", ROUTE_DESK, WHO_SESSION, .body = BODY_JSON,
     PAGE("account"), .handle = second_factor_turn_off},
    {"POST", "/account/recovery-codes", ROUTE_DESK, WHO_SESSION, .body = BODY_JSON, PAGE("account"),
     .handle = second_factor_renew},
    {"GET", "/invitations", ROUTE_DESK, WHO_SESSION, PAGE("invitations"),
     .handle = invitations_show},
    {"POST", "/invitations/{invitation}/accept", ROUTE_DESK, WHO_SESSION, PAGE("invitations"),
     .handle = invitations_accept},
    {"POST", "/invitations/{invitation}/decline", ROUTE_DESK, WHO_SESSION, PAGE("invitations"),
     .handle = invitations_decline},
    {"GET", "/join/{token}", ROUTE_DESK, WHO_ANYBODY, PAGE("invitations"),
     .handle = invitations_show},
    {"POST", "/join/{token}/accept", ROUTE_DESK, WHO_ANYBODY, PAGE("invitations"),
     .handle = invitations_accept},
    {"POST", "/join/{token}/decline", ROUTE_DESK, WHO_ANYBODY, PAGE("invitations"),
     .handle = invitations_decline},
    {"GET", "/sign-in/{token}", ROUTE_DESK, WHO_ANYBODY, PAGE("sign_in_link"),
     .handle = sign_in_link_show},
    {"POST", "/sign-in/{token}", ROUTE_DESK, WHO_ANYBODY, PAGE("sign_in_link"),
     .handle = sign_in_link_use},
    {0},
};

static const struct command *const commands[] = {&command_account_add, &command_account_link,
                                                 &command_account_unlock, NULL};

static void on_swept(void *context, const struct db_result *result)
{
    (void)context;
    (void)result; /* what was refused is logged */
}

static void sweep(struct worker *worker)
{
    db_run(worker->db, &(struct db_query){
                           .lane = DB_SLOW,
                           .run = account_sessions_sweep_params(
                               &(struct account_sessions_sweep){.idle_hours = SESSION_IDLE_HOURS}),
                           .again = true,
                           .on_done = on_swept,
                       });
}

static const struct periodic periodic[] = {
    {.run = sweep, .every_ms = 3600 * 1000, .waits_after_jump = true}, {0}};

const struct feature feature_account = {
    .name = "account",
    .routes = routes,
    .periodic = periodic,
    .commands = commands,
    .start = sign_in_mail_start,
    .stop = sign_in_mail_stop,
    .on_notice = on_notice,
    .on_gap = on_gap,
};
