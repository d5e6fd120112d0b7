#include "features/registration/manage.h"

#include "features/findings.h"
#include "features/registration/correction.h"
#include "features/registration/draft.h"
#include "features/registration/errand.h"
#include "http/reply.h"
#include "security/secret.h"
#include "statements.h"

void manage_show(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (errand)
        errand_show(errand);
}

static void cancel(struct errand *errand)
{
    struct params *params = errand_params(errand, &sql_registration_cancel);
    const struct caller *caller = request_caller(errand->request);
    params_text(params, 3, caller->who & WHO_EDITORS ? caller->label : NULL);
    errand_change(errand, &sql_registration_cancel, params);
}

void manage_cancel(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (errand)
        cancel(errand);
}

void manage_verify(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (!errand)
        return;
    const char *key = json_string_value(json_object_get(request_body(request), "key"));
    if (!key || !secret_link_key_matches(request_worker(request)->keyring, "verify",
                                         &errand->registration_id, key)) {
        reply_refuse(request, 403, "wrong_key");
        return;
    }
    errand_change(errand, &sql_registration_verify,
                  errand_params(errand, &sql_registration_verify));
}

static void approve(struct errand *errand)
{
    struct params *params = errand_params(errand, &sql_registration_approve);
    params_text(params, 3, request_caller(errand->request)->label);
    errand_change(errand, &sql_registration_approve, params);
}

/* Fields that a change may not name are found here. */
static bool is_well_formed(struct request *request, struct findings *findings)
{
    bool editor = request_caller(request)->who & WHO_EDITORS;
    const char *const known[] = {"language", "attendees", editor ? "status" : NULL, NULL};
    draft_refuse_unknown(request_arena(request), request_body(request), "", known, findings);
    json_t *attendees = json_object_get(request_body(request), "attendees");
    if (attendees && !json_is_array(attendees))
        findings_add(findings, "/attendees", "list_expected", NULL);
    const json_t *status = json_object_get(request_body(request), "status");
    const char *wanted = json_string_value(status);
    if (status &&
        (!wanted || (strcmp(wanted, "confirmed") != 0 && strcmp(wanted, "cancelled") != 0)))
        findings_add(findings, "/status", "status_not_possible", NULL);
    return !findings_any(findings);
}

void manage_change(struct request *request)
{
    struct errand *errand = errand_begin(request);
    struct findings findings;
    if (!errand)
        return;
    findings_init(&findings, request_locale(request));
    if (!is_well_formed(request, &findings)) {
        errand_reply_invalid(errand, &findings);
        return;
    }
    findings_finish(&findings);
    const char *status = json_string_value(json_object_get(request_body(request), "status"));
    if (!status)
        correction_begin(errand);
    else if (strcmp(status, "cancelled") == 0)
        cancel(errand);
    else
        approve(errand);
}
