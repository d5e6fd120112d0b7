#include "features/invitation/answer.h"

#include <string.h>

#include "db/db.h"
#include "event/event.h"
#include "event/event_view.h"
#include "event/events.h"
#include "event/invited.h"
#include "features/invitation/invitation.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "security/pace.h"
#include "http/source.h"
#include "statements.h"
#include "view/locale.h"
#include "worker.h"

static const char page_template[] = "features/invitation/answer.html";

struct answer {
    const char *key, *word;
};

static const struct form_field fields[] = {
    {"key", KIND_RAW, FORM_AT(struct answer, key)},
    {"word", KIND_LONG_TEXT, FORM_AT(struct answer, word), .most = INVITATION_WORD_MOST},
};
static const struct form form = FORM(struct answer, fields);

struct visit {
    struct request *request;
    struct id id;
    struct answer answer;
    json_t *errors; /* a reference; NULL: none */
    bool declines;
};

/* --- The page -------------------------------------------------------------------------------- */

static json_t *frame(struct request *request)
{
    const struct event *event = request_event(request);
    return json_pack("{s:{s:s, s:s}, s:o, s:{s:s}}", "event", "slug", event->slug, "title",
                     event_text(event, &event->title, locale_code(request_locale(request))), "when",
                     event_view_when(event), "organiser", "name", event->organiser_name);
}

static void reply_state(struct request *request, int status, const char *state, json_t *view)
{
    json_object_set_new(view, "state", json_pack("{s:b}", state, true));
    reply_page(request, status, page_template, view);
}

static void reply_wrong_link(const struct visit *visit)
{
    struct request *request = visit->request;
    json_decref(visit->errors);
    if (request_is_page(request))
        reply_state(request, 404, "wrong_link", frame(request));
    else
        reply_refuse(request, 404, "not_found");
}

/* A path of this service in the language of the page. */
static const char *path_of(const char *url)
{
    return strstr(url, "/events/");
}

static const char *state_of(struct request *request, const struct invited *invited)
{
    if (request_event(request)->cancelled)
        return "event_cancelled";
    if (invited->state == INVITEE_STATE_REGISTERED || invited->state == INVITEE_STATE_CAME)
        return invited->left_over > 0 && invited->good_for > 1 ? "partly" : "registered";
    if (invited->is_withdrawn)
        return "withdrawn";
    return invited->state == INVITEE_STATE_SAID_NO ? "said_no" : "asked";
}

static void reply_invited(const struct visit *visit, const struct invited *invited)
{
    struct request *request = visit->request;
    struct arena *arena = request_arena(request);
    const struct worker *worker = request_worker(request);
    const struct event *event = request_event(request);
    const char *language = locale_code(request_locale(request));
    json_t *view = frame(request), *word = json_object_get(request_body(request), "word");
    json_t *problems = field_view_problems(arena, visit->errors, false);
    json_t *stored = json_string(invited->word);
    json_object_set_new(view, "name", json_string(invited->name));
    json_object_set_new(view, "left_over", json_integer((json_int_t)invited->left_over));
    json_object_set_new(
        view, "accept",
        json_string(path_of(link_accept(worker, event, &invited->id, language, arena))));
    json_object_set_new(view, "decline",
                        json_string(arena_printf(
                            arena, "/events/%s/invitations/%s/decline?key=%s&lang=%s", event->slug,
                            request_path(request, "invitation"), visit->answer.key, language)));
    json_object_set_new(view, "word",
                        field_view_plain(visit->errors, "word", word ? word : stored));
    json_object_set_new(view, "has_problems", json_boolean(json_array_size(problems) > 0));
    json_object_set_new(view, "problems", problems);
    json_decref(stored);
    int status = visit->errors ? 422 : 200;
    json_decref(visit->errors);
    reply_state(request, status, state_of(request, invited), view);
}

static void on_invited(void *context, const struct invited *invited,
                       const struct db_result *failure)
{
    struct visit *visit = context;
    if (failure) {
        json_decref(visit->errors);
        reply_failed(visit->request, failure);
    } else if (!invited) {
        reply_wrong_link(visit);
    } else {
        reply_invited(visit, invited);
    }
}

static void show(struct visit *visit)
{
    invited_find(visit->request, &visit->id, on_invited, visit);
}

/* --- Saying no ------------------------------------------------------------------------------- */

static void on_declined(void *context, const struct db_result *result)
{
    const struct visit *visit = context;
    struct request *request = visit->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    switch (invitation_decline_outcome(result->rows, 0)) {
    case DECLINE_OUTCOME_DECLINED:
    case DECLINE_OUTCOME_REGISTERED:
        changes_note(request_worker(request), &request_event(request)->id);
        if (request_is_page(request))
            reply_see_other(request,
                            path_of(link_decline(request_worker(request), request_event(request),
                                                 &visit->id, locale_code(request_locale(request)),
                                                 request_arena(request))));
        else if (invitation_decline_outcome(result->rows, 0) == DECLINE_OUTCOME_REGISTERED)
            reply_refuse(request, 409, "already_registered");
        else
            reply_no_content(request);
        return;
    case DECLINE_OUTCOME_GONE:
        reply_wrong_link(visit);
        return;
    case DECLINE_OUTCOME_NONE:
        break;
    }
    reply_refuse(request, 500, "internal");
}

static void decline(struct visit *visit)
{
    struct request *request = visit->request;
    invitation_run_locked(request,
                          invitation_decline_params(
                              &(struct invitation_decline){.event_id = &request_event(request)->id,
                                                           .invitation_id = &visit->id,
                                                           .word = visit->answer.word}),
                          on_declined, visit);
}

/* Reads the link. Returns NULL after it has refused the request: nobody may try keys for long. */
static struct visit *begin(struct request *request)
{
    const struct pace_key guesses = {.limit = PACE_INVITATION_KEYS};
    struct visit *visit = arena_alloc(request_arena(request), sizeof *visit);
    const char *key = request_link_key(request, "key");
    *visit = (struct visit){.request = request};
    reply_header(request, "X-Robots-Tag", "noindex, nofollow");
    request_locale(request); /* reads headers, which is possible only now */
    if (request_body(request))
        visit->errors = form_read_body(request, &form, NULL, &visit->answer);
    if (key)
        visit->answer.key = key;
    if (!source_may_guess(request, &guesses)) {
        json_decref(visit->errors);
        reply_refuse(request, 429, "too_many_attempts");
        return NULL;
    }
    if (id_parse(request_path(request, "invitation"), &visit->id) &&
        invited_key_matches(request_worker(request), &visit->id, visit->answer.key))
        return visit;
    if (source_guessed_wrong(request, &guesses)) {
        reply_wrong_link(visit);
    } else {
        json_decref(visit->errors);
        reply_refuse(request, 429, "too_many_attempts");
    }
    return NULL;
}

void answer_show(struct request *request)
{
    struct visit *visit = begin(request);
    if (visit)
        show(visit);
}

void answer_decline(struct request *request)
{
    struct visit *visit = begin(request);
    if (!visit)
        return;
    if (!visit->errors)
        decline(visit);
    else if (request_is_page(request))
        show(visit);
    else
        form_refuse(request, visit->errors);
}
