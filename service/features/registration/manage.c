#include "features/registration/manage.h"

#include "form/form.h"
#include "features/registration/correction.h"
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

static bool by_editor(const struct errand *errand)
{
    return request_role(errand->request) & WHO_EDITORS;
}

static void cancel(struct errand *errand)
{
    errand->done = "cancelled";
    errand_change(errand,
                  registration_cancel_params(
                      &(struct registration_cancel){.event_id = &request_event(errand->request)->id,
                                                    .registration_id = &errand->registration_id,
                                                    .actor = request_caller(errand->request)->label}),
                  registration_cancel_outcome);
}

/* After the end of the event, attendees cannot cancel. */
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
    errand->done = "cancelled_one";
    errand_change(errand,
                  registration_cancel_attendee_params(&(struct registration_cancel_attendee){
                      .event_id = &request_event(request)->id,
                      .registration_id = &errand->registration_id,
                      .attendee_id = &attendee_id,
                      .actor = request_caller(errand->request)->label}),
                  registration_cancel_attendee_outcome);
}

/* --- Mail ------------------------------------------------------------------------------------ */

void manage_resend(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (!errand)
        return;
    errand->done = "told";
    errand_change(
        errand,
        registration_tell_again_params(&(struct registration_tell_again){
            .event_id = &request_event(request)->id,
            .registration_id = &errand->registration_id,
            .actor = request_caller(request)->label}),
        registration_tell_again_outcome);
}

/* --- Changing -------------------------------------------------------------------------------- */

static void approve(struct errand *errand)
{
    struct request *request = errand->request;
    errand_change(errand,
                  registration_approve_params(
                      &(struct registration_approve){.event_id = &request_event(request)->id,
                                                     .registration_id = &errand->registration_id,
                                                     .actor = request_caller(request)->label}),
                  registration_approve_outcome);
}

static void decline(struct errand *errand)
{
    struct request *request = errand->request;
    errand_change(errand,
                  registration_decline_params(
                      &(struct registration_decline){.event_id = &request_event(request)->id,
                                                     .registration_id = &errand->registration_id,
                                                     .actor = request_caller(request)->label}),
                  registration_decline_outcome);
}

static void decide(struct errand *errand, enum change_outcome wanted)
{
    if (wanted == CHANGE_OUTCOME_CANCELLED)
        cancel(errand);
    else if (wanted == CHANGE_OUTCOME_DECLINED)
        decline(errand);
    else
        approve(errand);
}

static bool may_set_status(const void *request)
{
    return request_role(request) & WHO_EDITORS;
}

static void need_list(const struct form_place *place, const struct form_field *field, void *values)
{
    (void)field;
    (void)values;
    if (place->value && !json_is_array(place->value))
        form_refuse_here(place, "list_expected", NULL);
}

struct change {
    const char *status; /* NULL: stays */
};

static const char *const statuses[] = {"confirmed", "declined", "cancelled"};

/* correction.c reads the fields without a kind. */
static const struct form_field change_fields[] = {
    {"version"},
    {"language"},
    {"email"},
    {"attendees", .read = need_list},
    {"status", KIND_CHOICE, FORM_AT(struct change, status), FORM_NOT_BLANK,
     .needed = "status_not_possible", .wrong = "status_not_possible",
     .choices = KIND_CHOICES(statuses), .shown = may_set_status},
};
static const struct form change_form = FORM(struct change, change_fields);

void manage_change(struct request *request)
{
    struct errand *errand = errand_begin(request);
    struct change change = {0};
    if (!errand)
        return;
    json_t *errors = form_read_body(request, &change_form, request, &change);
    if (errors)
        errand_reply_invalid(errand, errors);
    else if (!change.status)
        correction_begin(errand);
    else
        decide(errand, change_outcome_parse(change.status));
}
