#include "features/account/account.h"

#include "features/account/callers.h"
#include "features/account/sign_in.h"

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

static const struct route routes[] = {
    {"GET", "/sign-in/{token}", ROUTE_DESK, WHO_ANYBODY,
     .template = "features/account/sign_in_link.html", .handle = sign_in_link_show},
    {"POST", "/sign-in/{token}", ROUTE_DESK, WHO_ANYBODY,
     .template = "features/account/sign_in_link.html", .handle = sign_in_link_use},
    {0},
};

static const struct command *const commands[] = {&command_account_add,  &command_account_link,
                                                 &command_token_add,    &command_token_list,
                                                 &command_token_revoke, NULL};

const struct feature feature_account = {
    .name = "account",
    .routes = routes,
    .commands = commands,
    .on_notice = on_notice,
    .on_gap = on_gap,
};
