#include "features/message/preview.h"

#include <string.h>

#include "base/clock.h"
#include "base/email.h"
#include "db/db.h"
#include "event/event.h"
#include "features/message/letter_text.h"
#include "features/message/message_pages.h"
#include "features/message/posting.h"
#include "http/reply.h"
#include "statements.h"
#include "view/escape.h"
#include "view/locale.h"
#include "worker.h"

enum { WORDS_MOST = 2000 };

/* Only pages of the same site show it in a frame. */
#define PREVIEW_POLICY                                                                             \
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "                \
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

/* The actions of a person's page, and the words of letters_preview(). */
static const char *const actions[][2] = {
    {"approve", "approve"},         {"decline", "decline"}, {"cancel", "cancel_attendee"},
    {"cancel_all", "cancel"},       {"resend", "resend"},   {"move_up", "move_up"},
    {"ticket_type", "ticket_type"}, {"correct", "correct"}, {"hand_on", "hand_on"},
};

static const char *find_action(struct request *request)
{
    const char *name = request_query(request, "action");
    for (size_t i = 0; name && i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(actions[i][0], name) == 0)
            return actions[i][1];
    }
    return NULL;
}

/* --- The letters ----------------------------------------------------------------------------- */

static json_t *letter_view(struct request *request, const struct posting *posting)
{
    struct letter_text letter;
    if (!letter_text_make(request_worker(request), request_event(request), posting,
                          LETTER_FOR_BROWSER, request_arena(request), &letter))
        return NULL;
    return json_pack("{s:s, s:s, s:s, s:s, s:b}", "to", posting->recipient, "subject",
                     letter.subject, "text", letter.text, "language", locale_code(letter.locale),
                     "is_held", posting->state == MESSAGE_STATE_HELD);
}

static bool goes(struct request *request, const struct posting *posting)
{
    return posting_is_known(posting) &&
           posting_holds(posting, request_event(request), clock_now_us()) &&
           posting_is_news(posting);
}

/* Takes the letters. */
static void reply_letters(struct request *request, json_t *letters)
{
    reply_header(request, "Content-Security-Policy", PREVIEW_POLICY);
    reply_view(request, 200, json_pack("{s:o}", "letters", letters));
}

static void on_previewed(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    json_t *letters = json_array();
    for (int row = 0; row < rows_count(result->rows);) {
        const struct posting *posting =
            posting_read_preview(request_arena(request), result->rows, &row);
        if (goes(request, posting))
            json_array_append_new(letters, letter_view(request, posting));
    }
    reply_letters(request, letters);
}

/* --- The request ----------------------------------------------------------------------------- */

/* What was typed, or NULL. Here nothing is refused: the form's own page does that. */
static const char *typed(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text && *text && strlen(text) <= 4 * WORDS_MOST ? text : NULL;
}

/* The attendee's own address; "" removes it. */
static const char *own_email(struct request *request, const json_t *one)
{
    struct email email;
    const char *address = typed(one, "email");
    bool is_address = address && email_parse(request_arena(request), address, &email);
    return is_address ? email.address : "";
}

/* NULL: no form was sent. */
static const char *answers(struct request *request, const json_t *one)
{
    if (!one)
        return NULL;
    char *text = json_dumps(json_object_get(one, "answers"), JSON_COMPACT | ESCAPE_REALS);
    const char *copy = arena_copy(request_arena(request), text ? text : "{}");
    free(text);
    return copy;
}

void preview_show(struct request *request)
{
    const json_t *body = request_body(request);
    const json_t *one = json_array_get(json_object_get(body, "attendees"), 0);
    const char *action = find_action(request), *address = typed(body, "email");
    struct email email = {0};
    struct id attendee_id;
    if (!id_parse(request_path(request, "attendee"), &attendee_id)) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    if (!action) {
        reply_letters(request, json_array());
        return;
    }
    bool is_hand_on = strcmp(action, "hand_on") == 0;
    if (address && !email_parse(request_arena(request), address, &email))
        email = (struct email){0};
    if (is_hand_on && !email.address) /* as long as nothing is typed */
        email = (struct email){.address = "…", .key = "…"};
    const char *name = typed(is_hand_on ? body : one, "name");
    struct params *lock = registration_lock_tally_params();
    registration_lock_tally_add_event(lock, &request_event(request)->id);
    db_run(request_worker(request)->db, &(struct db_query){
                                            .lane = DB_LOCKING,
                                            .key = &request_event(request)->id,
                                            .lock = lock,
                                            .run = message_preview_params(&(struct message_preview){
                                                .event_id = &request_event(request)->id,
                                                .attendee_id = &attendee_id,
                                                .action = action,
                                                .words = typed(body, "words"),
                                                .reason = "–", /* also while no place is free */
                                                .ticket_type = typed(body, "ticket_type"),
                                                .name = name         ? name
                                                        : is_hand_on ? "…"
                                                                     : NULL,
                                                .email = email.address,
                                                .email_key = email.key,
                                                .language = typed(body, "language"),
                                                .own_email = own_email(request, one),
                                                .answers = answers(request, one)}),
                                            .again = true,
                                            .on_done = on_previewed,
                                            .context = request,
                                        });
}

/* --- A mailing ------------------------------------------------------------------------------- */

static void reply_mailing(struct request *request, const struct db_result *result, bool is_html)
{
    struct letter_text letter;
    int row = 0;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    const struct posting *posting =
        rows_count(result->rows) > 0
            ? posting_read_preview(request_arena(request), result->rows, &row)
            : NULL;
    if (!posting || !posting->text) {
        reply_refuse(request, 404, "not_found");
    } else if (!letter_text_make(request_worker(request), request_event(request), posting,
                                 LETTER_FOR_BROWSER, request_arena(request), &letter)) {
        reply_refuse(request, 500, "internal");
    } else {
        const char *bytes = is_html ? letter.html : letter.text;
        reply_header(request, "Content-Security-Policy", MESSAGE_LETTER_POLICY);
        reply_bytes(request, 200,
                    is_html ? "text/html; charset=utf-8" : "text/plain; charset=utf-8", bytes,
                    strlen(bytes));
    }
}

static void on_mailing_html(void *context, const struct db_result *result)
{
    reply_mailing(context, result, true);
}

static void on_mailing_text(void *context, const struct db_result *result)
{
    reply_mailing(context, result, false);
}

static void preview_mailing(struct request *request,
                            void (*then)(void *context, const struct db_result *result))
{
    struct id attendee_id, mailing_id;
    if (!id_parse(request_path(request, "attendee"), &attendee_id) ||
        !id_parse(request_path(request, "mailing"), &mailing_id)) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    db_ask(request_worker(request)->db,
           message_preview_params(&(struct message_preview){.event_id = &request_event(request)->id,
                                                            .attendee_id = &attendee_id,
                                                            .action = "mailing",
                                                            .mailing_id = &mailing_id}),
           then, request);
}

void preview_mailing_html(struct request *request)
{
    preview_mailing(request, on_mailing_html);
}

void preview_mailing_text(struct request *request)
{
    preview_mailing(request, on_mailing_text);
}
