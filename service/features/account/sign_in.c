#include "features/account/sign_in.h"

#include <jansson.h>

#include "base/memory.h"
#include "db/db.h"
#include "features/account/sessions.h"
#include "features/feature.h"
#include "http/reply.h"
#include "http/session_cookie.h"
#include "statements.h"

#define LINK_TEMPLATE "features/account/sign_in_link.html"

/* --- Links ----------------------------------------------------------------------------------- */

/* Lives in its request's arena. */
struct link_use {
    struct request *request;
    unsigned char hash[SECRET_HASH_BYTES]; /* of the link */
    struct new_session session;
};

static struct link_use *begin_link(struct request *request)
{
    struct link_use *link = arena_alloc(request_arena(request), sizeof *link);
    link->request = request;
    secret_hash(request_path(request, "token"), link->hash);
    return link;
}

static void reply_link(struct request *request, int status, bool is_good)
{
    reply_header(request, "Cache-Control", "no-store");
    reply_page(request, status, LINK_TEMPLATE,
               json_pack("{s:b, s:s}", "is_good", is_good, "action", request_target(request)));
}

static void on_link(void *context, const struct db_result *result)
{
    struct link_use *link = context;
    if (result->outcome != DB_DONE)
        reply_failed(link->request, result);
    else if (rows_count(result->rows) == 0)
        reply_link(link->request, 410, false);
    else
        reply_link(link->request, 200, true);
}

void sign_in_link_show(struct request *request)
{
    struct link_use *link = begin_link(request);
    db_ask(request_worker(request)->db,
           account_sign_in_link_params(
               &(struct account_sign_in_link){.hash = {link->hash, sizeof link->hash}}),
           on_link, link);
}

static void on_link_used(void *context, const struct db_result *result)
{
    struct link_use *link = context;
    if (result->outcome != DB_DONE) {
        reply_failed(link->request, result);
    } else if (rows_count(result->rows) == 0) {
        reply_link(link->request, 410, false);
    } else {
        session_cookie_set(link->request, link->session.secret);
        reply_see_other(link->request, sign_in_target(link->request));
    }
}

void sign_in_link_use(struct request *request)
{
    struct link_use *link = begin_link(request);
    struct new_session *session = &link->session;
    session_make(request, session);
    db_ask(request_worker(request)->db,
           account_sign_in_by_link_params(
               &(struct account_sign_in_by_link){.link_hash = {link->hash, sizeof link->hash},
                                                 .session_id = &session->id,
                                                 .hash = {session->hash, sizeof session->hash},
                                                 .device = session->device}),
           on_link_used, link);
}
