#include "features/mailing/mailing_act.h"

#include <string.h>

#include "base/clock.h"
#include "base/timezone.h"
#include "event/event.h"
#include "features/mailing/mailing_page.h"
#include "features/mailing/mailing_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "worker.h"

struct acting {
    struct request *request;
    struct id mailing_id;
};

/* NULL: it has refused the request. */
static struct acting *begin(struct request *request)
{
    struct acting *acting = arena_alloc(request_arena(request), sizeof *acting);
    acting->request = request;
    request_locale(request); /* reads headers, which is possible only now */
    return mailing_read_path(request, &acting->mailing_id) ? acting : NULL;
}

static void refuse(const struct acting *acting, const char *field, const char *code, json_t *data)
{
    struct request *request = acting->request;
    struct findings findings;
    findings_init(&findings, request_locale(request));
    findings_add(&findings, arena_printf(request_arena(request), "/%s", field), code, data);
    if (request_is_desk(request))
        mailing_page_show_problem(request, &acting->mailing_id, findings_take(&findings));
    else
        form_refuse(request, findings_take(&findings));
}

/* Leads back to the page, which says what was done. */
static void done(const struct acting *acting, const char *what)
{
    struct request *request = acting->request;
    if (request_is_desk(request))
        reply_see_other(request, mailing_path_of(request, &acting->mailing_id,
                                                 arena_printf(request_arena(request),
                                                              "?done=mailing.%s", what)));
    else
        mailing_page_show(request);
}

/* --- Sending --------------------------------------------------------------------------------- */

static const char *const whens[] = {"now", "later"};

struct sending {
    const char *when, *at;
};

static const struct form_field send_fields[] = {
    {"when", KIND_CHOICE, FORM_AT(struct sending, when), .wrong = "mailing_when",
     .choices = KIND_CHOICES(whens)},
    {"at", KIND_LOCAL_TIME, FORM_AT(struct sending, at)},
};
static const struct form send_form = FORM(struct sending, send_fields);

/* The point in time of a local time of the event. 0: it has refused the request. Of a time that the
 * clocks show twice it is the earlier one, unless an offset says otherwise. */
static int64_t find_time(const struct acting *acting, const char *at)
{
    const char *zone_name = request_event(acting->request)->timezone;
    struct clock_local local;
    struct timezone_moment moment = {0};
    struct timezone *zone = NULL;
    if (!clock_parse_local(at, &local) || !timezone_load(zone_name, &zone)) {
        refuse(acting, "at", "bad_time", NULL);
        return 0;
    }
    timezone_find(zone, local.shown_us, &moment);
    timezone_destroy(zone);
    int64_t now_us = clock_now_us(),
            most_us = now_us + MAILING_AHEAD_MOST_DAYS * INT64_C(86400) * CLOCK_SECOND_US;
    int which = moment.times == 2 && local.has_offset && local.offset_s == moment.offset_s[1];
    if (moment.times == 0)
        refuse(acting, "at", "mailing_skipped_time", NULL);
    else if (moment.at_us[which] < now_us)
        refuse(acting, "at", "mailing_past_time", NULL);
    else if (moment.at_us[which] > most_us)
        refuse(acting, "at", "mailing_far_time",
               json_pack("{s:i}", "days", MAILING_AHEAD_MOST_DAYS));
    else
        return moment.at_us[which];
    return 0;
}

static void on_sent(void *context, const struct db_result *result)
{
    const struct acting *acting = context;
    if (result->outcome != DB_DONE) {
        reply_failed(acting->request, result);
        return;
    }
    switch (mailing_send_outcome(result->rows, 0)) {
    case MAILING_OUTCOME_DONE:
        done(acting, "planned");
        return;
    case MAILING_OUTCOME_INCOMPLETE:
        refuse(acting, "texts", "mailing_incomplete", NULL);
        return;
    case MAILING_OUTCOME_NOT_DRAFT:
        if (request_is_desk(acting->request)) /* sent by somebody else, or twice */
            reply_see_other(acting->request,
                            mailing_path_of(acting->request, &acting->mailing_id, ""));
        else
            reply_refuse(acting->request, 409, "mailing_not_draft");
        return;
    case MAILING_OUTCOME_NOT_FOUND:
        reply_refuse(acting->request, 404, "not_found");
        return;
    case MAILING_OUTCOME_CHANGED: /* of the texts, not of this */
    case MAILING_OUTCOME_NONE:
        break;
    }
    reply_refuse(acting->request, 500, "internal");
}

void mailing_act_send(struct request *request)
{
    struct acting *acting = begin(request);
    struct sending sending = {.when = "now"};
    int64_t at_us = 0;
    if (!acting)
        return;
    json_t *errors = form_read_body(request, &send_form, NULL, &sending);
    if (errors && request_is_desk(request)) {
        mailing_page_show_problem(request, &acting->mailing_id, errors);
        return;
    }
    if (errors) {
        form_refuse(request, errors);
        return;
    }
    if (strcmp(sending.when, "later") == 0) {
        if (!sending.at) {
            refuse(acting, "at", "mailing_time_needed", NULL);
            return;
        }
        at_us = find_time(acting, sending.at);
        if (at_us == 0)
            return;
    }
    db_ask(request_worker(request)->db,
           mailing_send_params(&(struct mailing_send){.event_id = &request_event(request)->id,
                                                      .mailing_id = &acting->mailing_id,
                                                      .actor = request_caller(request)->label,
                                                      .at_us = at_us ? &at_us : NULL,
                                                      .pause_s = MAILING_PAUSE_S}),
           on_sent, acting);
}

/* --- Stopping -------------------------------------------------------------------------------- */

static void on_stopped(void *context, const struct db_result *result)
{
    const struct acting *acting = context;
    if (result->outcome != DB_DONE) {
        reply_failed(acting->request, result);
        return;
    }
    switch (mailing_stop_outcome(result->rows, 0)) {
    case MAILING_STOP_OUTCOME_STOPPED:
        done(acting, "stopped");
        return;
    case MAILING_STOP_OUTCOME_DRAFT:
        done(acting, "draft_again");
        return;
    case MAILING_STOP_OUTCOME_NOT_SENDING:
        done(acting, "nothing_to_stop");
        return;
    case MAILING_STOP_OUTCOME_NOT_FOUND:
        reply_refuse(acting->request, 404, "not_found");
        return;
    case MAILING_STOP_OUTCOME_NONE:
        break;
    }
    reply_refuse(acting->request, 500, "internal");
}

void mailing_act_stop(struct request *request)
{
    struct acting *acting = begin(request);
    if (!acting)
        return;
    db_run(request_worker(request)->db,
           &(struct db_query){.lane = DB_SLOW,
                              .run = mailing_stop_params(
                                  &(struct mailing_stop){.event_id = &request_event(request)->id,
                                                         .mailing_id = &acting->mailing_id,
                                                         .actor = request_caller(request)->label}),
                              .on_done = on_stopped,
                              .context = acting});
}

/* --- Again, a test, discarding --------------------------------------------------------------- */

static void on_counted(const struct acting *acting, const struct db_result *result,
                       const char *what)
{
    struct request *request = acting->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    long long count = (long long)rows_number(result->rows, 0, "count");
    if (request_is_desk(request))
        done(acting, arena_printf(request_arena(request), "%s&n=%lld", what, count));
    else
        reply_view(request, 200, json_pack("{s:I}", "count", (json_int_t)count));
}

static void on_again(void *context, const struct db_result *result)
{
    on_counted(context, result, "again");
}

void mailing_act_again(struct request *request)
{
    struct acting *acting = begin(request);
    if (!acting)
        return;
    db_run(request_worker(request)->db,
           &(struct db_query){.lane = DB_SLOW,
                              .run = mailing_again_params(
                                  &(struct mailing_again){.event_id = &request_event(request)->id,
                                                          .mailing_id = &acting->mailing_id,
                                                          .actor = request_caller(request)->label,
                                                          .most = MAILING_AGAIN_MOST}),
                              .on_done = on_again,
                              .context = acting});
}

static void on_tested(void *context, const struct db_result *result)
{
    on_counted(context, result, "tested");
}

static const struct form_field test_fields[] = {
    {"attendee", KIND_ID, .at = 0, .bytes = sizeof(struct id), .need = FORM_NEEDED},
};
static const struct form test_form = FORM(struct id, test_fields);

void mailing_act_test(struct request *request)
{
    struct acting *acting = begin(request);
    struct id attendee_id = {0};
    if (!acting)
        return;
    json_t *errors = form_read_body(request, &test_form, NULL, &attendee_id);
    if (errors) {
        mailing_page_show_problem(request, &acting->mailing_id, errors);
        return;
    }
    db_ask(request_worker(request)->db,
           mailing_test_params(&(struct mailing_test){.event_id = &request_event(request)->id,
                                                      .mailing_id = &acting->mailing_id,
                                                      .actor = request_caller(request)->label,
                                                      .attendee_id = &attendee_id,
                                                      .recipient = request_caller(request)->email}),
           on_tested, acting);
}

static void on_discarded(void *context, const struct db_result *result)
{
    const struct acting *acting = context;
    struct request *request = acting->request;
    if (result->outcome != DB_DONE)
        reply_failed(request, result);
    else if (rows_count(result->rows) == 0)
        reply_refuse(request, 409, "mailing_not_draft");
    else if (request_is_desk(request))
        reply_see_other(request, mailing_path(request, "?done=mailing.discarded"));
    else
        reply_no_content(request);
}

void mailing_act_discard(struct request *request)
{
    struct acting *acting = begin(request);
    if (!acting)
        return;
    db_ask(
        request_worker(request)->db,
        mailing_discard_params(&(struct mailing_discard){.event_id = &request_event(request)->id,
                                                         .mailing_id = &acting->mailing_id,
                                                         .actor = request_caller(request)->label}),
        on_discarded, acting);
}
