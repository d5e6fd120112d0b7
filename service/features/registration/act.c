#include "features/registration/act.h"

#include <limits.h>

#include "http/request.h"
#include "statements.h"

static bool by_editor(const void *request)
{
    return act_is_by_editor(request);
}

static const struct form_field said_fields[] = {
    {"version", KIND_INTEGER, FORM_AT(struct act_said, version), .least = 1, .most = INT_MAX},
    ACT_FIELDS(struct act_said, , by_editor),
    {"reason", KIND_TEXT, FORM_AT(struct act_said, reason), .most = ACT_REASON_MOST},
    {"ticket_type", KIND_RAW, FORM_AT(struct act_said, ticket_type)},
    {"confirm", KIND_BOOLEAN, FORM_AT(struct act_said, confirm)},
    {"idempotency_key"},
};
static const struct form said_form = FORM(struct act_said, said_fields);

bool act_is_by_editor(const struct request *request)
{
    return request_role(request) & WHO_EDITORS;
}

json_t *act_read(struct request *request, struct act_said *ret_said)
{
    *ret_said = (struct act_said)ACT_SAID_NOTHING;
    return form_read_body(request, &said_form, request, ret_said);
}

static const struct form_field query_fields[] = {ACT_FIELDS(struct act_said, , by_editor)};
static const struct form query_form = FORM(struct act_said, query_fields);

bool act_read_query(struct request *request, struct act_said *ret_said)
{
    *ret_said = (struct act_said)ACT_SAID_NOTHING;
    const char *wrong = form_read_query(request, &query_form, request, ret_said);
    if (wrong)
        form_refuse_parameter(request, "registration", wrong);
    return !wrong;
}

void act_run(struct errand *errand, const char *action, const struct id *attendee_id,
             const struct act_said *said)
{
    struct request *request = errand->request;
    errand_change(errand,
                  registration_act_params(
                      &(struct registration_act){.event_id = &request_event(request)->id,
                                                 .registration_id = &errand->registration_id,
                                                 .attendee_id = attendee_id,
                                                 .action = action,
                                                 .version = said->version ? &said->version : NULL,
                                                 .actor = request_caller(request)->label,
                                                 .tells = said->tell,
                                                 .words = said->words,
                                                 .reason = said->reason,
                                                 .ticket_type = said->ticket_type}),
                  registration_act_outcome);
}
