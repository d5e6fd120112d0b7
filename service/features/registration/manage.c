#include "features/registration/manage.h"

#include "features/registration/act.h"
#include "features/registration/correction.h"
#include "form/form.h"
#include "features/registration/registration.h"
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

static void cancel(struct errand *errand, const struct act_said *said)
{
    errand->done = "cancelled";
    act_run(errand, "cancel", NULL, said);
}

/* After the end of the event, attendees cannot cancel. */
static bool is_too_late(struct errand *errand)
{
    if (act_is_by_editor(errand->request) || !manage_page_is_over(errand))
        return false;
    errand_refuse(errand, 409, "event_over");
    return true;
}

void manage_cancel(struct request *request)
{
    struct errand *errand = errand_begin(request);
    struct act_said said;
    if (errand && !is_too_late(errand) && act_read_query(request, &said))
        cancel(errand, &said);
}

void manage_cancel_attendee(struct request *request)
{
    struct errand *errand = errand_begin(request);
    struct id attendee_id;
    struct act_said said;
    if (!errand || is_too_late(errand) || !act_read_query(request, &said))
        return;
    if (!id_parse(request_path(request, "attendee"), &attendee_id)) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    errand->done = "cancelled_one";
    act_run(errand, "cancel_attendee", &attendee_id, &said);
}

/* --- Mail ------------------------------------------------------------------------------------ */

void manage_resend(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (!errand)
        return;
    errand->done = "told";
    if (act_is_by_editor(request)) {
        struct act_said said;
        json_t *errors = act_read(request, &said);
        if (errors)
            errand_reply_invalid(errand, errors);
        else
            act_run(errand, "resend", NULL, &said);
        return;
    }
    errand_change(errand,
                  registration_tell_again_params(
                      &(struct registration_tell_again){.event_id = &request_event(request)->id,
                                                        .registration_id = &errand->registration_id,
                                                        .actor = request_caller(request)->label}),
                  registration_tell_again_outcome);
}

/* --- Changing -------------------------------------------------------------------------------- */

struct change {
    const char *status; /* NULL: stays */
    struct act_said said;
};

static void decide(struct errand *errand, const struct change *change)
{
    static const char *const actions[] = {
        [CHANGE_OUTCOME_CONFIRMED] = "approve",
        [CHANGE_OUTCOME_DECLINED] = "decline",
        [CHANGE_OUTCOME_CANCELLED] = "cancel",
    };
    act_run(errand, actions[change_outcome_parse(change->status)], NULL, &change->said);
}

static bool by_editor(const void *request)
{
    return act_is_by_editor(request);
}

static void need_list(const struct form_place *place, const struct form_field *field, void *values)
{
    (void)field;
    (void)values;
    if (place->value && !json_is_array(place->value))
        form_refuse_here(place, "list_expected", NULL);
}

static const char *const statuses[] = {"confirmed", "declined", "cancelled"};

/* correction.c reads the fields without a kind. */
static const struct form_field change_fields[] = {
    {"version"},
    {"language"},
    {"email"},
    {"attendees", .read = need_list},
    {"status", KIND_CHOICE, FORM_AT(struct change, status), FORM_NOT_BLANK,
     .needed = "status_not_possible", .wrong = "status_not_possible",
     .choices = KIND_CHOICES(statuses), .shown = by_editor},
    ACT_FIELDS(struct change, said., by_editor),
};
static const struct form change_form = FORM(struct change, change_fields);

void manage_change(struct request *request)
{
    struct errand *errand = errand_begin(request);
    struct change change = {.said = ACT_SAID_NOTHING};
    if (!errand)
        return;
    json_t *errors = form_read_body(request, &change_form, request, &change);
    if (errors)
        errand_reply_invalid(errand, errors);
    else if (!change.status)
        correction_begin(errand);
    else
        decide(errand, &change);
}
