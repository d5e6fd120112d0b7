#include "features/registration/manage.h"

#include "form/findings.h"
#include "features/registration/correction.h"
#include "features/registration/draft.h"
#include "features/registration/errand.h"
#include "features/registration/manage_page.h"
#include "http/reply.h"
#include "statements.h"

void manage_show(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (errand)
        errand_show(errand);
}

/* --- Cancelling ------------------------------------------------------------------------------ */

static bool by_editor(const struct errand *errand)
{
    return request_role(errand->request) & WHO_EDITORS;
}

/* The log keeps what organisers do, not what people do with what is theirs. */
static const char *actor(const struct errand *errand)
{
    return by_editor(errand) ? request_caller(errand->request)->label : NULL;
}

static void cancel(struct errand *errand)
{
    struct params *params = errand_params(errand, &sql_registration_cancel);
    params_text(params, 3, actor(errand));
    errand->done = "cancelled";
    errand_change(errand, &sql_registration_cancel, params);
}

/* Afterwards there is no place to give back, and who was not there need not say so. */
static bool is_too_late(struct errand *errand)
{
    if (by_editor(errand) || !manage_page_is_over(errand))
        return false;
    errand_refuse(errand, 409, "event_over");
    return true;
}

void manage_cancel(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (errand && !is_too_late(errand))
        cancel(errand);
}

void manage_cancel_attendee(struct request *request)
{
    struct errand *errand = errand_begin(request);
    struct id attendee_id;
    if (!errand || is_too_late(errand))
        return;
    if (!id_parse(request_path(request, "attendee"), &attendee_id)) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    struct params *params = errand_params(errand, &sql_registration_cancel_attendee);
    params_id(params, 3, &attendee_id);
    params_text(params, 4, actor(errand));
    errand->done = "cancelled_one";
    errand_change(errand, &sql_registration_cancel_attendee, params);
}

/* --- Mail ------------------------------------------------------------------------------------ */

void manage_resend(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (!errand)
        return;
    errand->done = "told";
    errand_change(errand, &sql_registration_tell_again,
                  errand_params(errand, &sql_registration_tell_again));
}

/* --- Changing -------------------------------------------------------------------------------- */

static void decide(struct errand *errand, const struct statement *statement)
{
    struct params *params = errand_params(errand, statement);
    params_text(params, 3, request_caller(errand->request)->label);
    errand_change(errand, statement, params);
}

static bool is_status(const char *wanted)
{
    static const char *const possible[] = {"confirmed", "declined", "cancelled"};
    for (size_t i = 0; wanted && i < sizeof possible / sizeof *possible; i++) {
        if (strcmp(possible[i], wanted) == 0)
            return true;
    }
    return false;
}

/* Fields that a change may not name are found here. */
static bool is_well_formed(const struct errand *errand, struct findings *findings)
{
    struct request *request = errand->request;
    const char *const known[] = {
        "version", "language", "email", "attendees", by_editor(errand) ? "status" : NULL, NULL};
    draft_refuse_unknown(request_arena(request), request_body(request), "", known, findings);
    json_t *attendees = json_object_get(request_body(request), "attendees");
    if (attendees && !json_is_array(attendees))
        findings_add(findings, "/attendees", "list_expected", NULL);
    const json_t *status = json_object_get(request_body(request), "status");
    if (status && !is_status(json_string_value(status)))
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
    if (!is_well_formed(errand, &findings)) {
        errand_reply_invalid(errand, &findings);
        return;
    }
    findings_finish(&findings);
    const char *status = json_string_value(json_object_get(request_body(request), "status"));
    if (!status)
        correction_begin(errand);
    else if (strcmp(status, "cancelled") == 0)
        cancel(errand);
    else if (strcmp(status, "declined") == 0)
        decide(errand, &sql_registration_decline);
    else
        decide(errand, &sql_registration_approve);
}
