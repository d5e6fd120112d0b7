#include "features/message/bounced.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/email.h"
#include "base/log.h"
#include "db/db.h"
#include "db/session.h"
#include "event/event_load.h"
#include "event/events.h"
#include "event/message_id.h"
#include "http/reply.h"
#include "http/work.h"
#include "mail/bounce.h"
#include "security/keyring.h"
#include "statements.h"
#include "worker.h"

/* What became of a report, in the words of the API. */
enum outcome { MARKED, AGAIN, NOT_FINAL, NO_REPORT, NOT_OURS, OUT_OF_DATE, NOT_NOTED, NO_MAIL };

static const char *const outcome_names[] = {
    [MARKED] = "marked",       [AGAIN] = "again",       [NOT_FINAL] = "not_final",
    [NO_REPORT] = "no_report", [NOT_OURS] = "not_ours", [OUT_OF_DATE] = "out_of_date",
};

/* --- The report ------------------------------------------------------------------------------ */

struct report {
    struct arena *arena;
    struct bounce bounce;
    struct message_ids ids;
};

/* Whether a mail came back. If not, *ret tells what it is. */
static bool read_report(struct report *report, const struct keyring *keyring, const void *bytes,
                        size_t length, enum outcome *ret)
{
    struct bounce *bounce = &report->bounce;
    bool is_ours = false, has_failed = false;
    bounce_read(report->arena, bytes, length, bounce);
    for (size_t i = 0; i < bounce->id_count && !is_ours; i++)
        is_ours = message_id_read(keyring, bounce->ids[i], &report->ids);
    for (size_t i = 0; i < bounce->recipient_count; i++)
        has_failed |= bounce->recipients[i].fate == BOUNCE_FAILED;
    *ret = bounce->kind == BOUNCE_NO_MAIL ? NO_MAIL
           : bounce->kind == BOUNCE_NONE  ? NO_REPORT
           : is_ours                      ? NOT_FINAL
                                          : NOT_OURS;
    return bounce->kind == BOUNCE_REPORT && is_ours && has_failed;
}

static struct params *mark(const struct report *report, const char *actor)
{
    struct params *params = message_bounced_params(
        &(struct message_bounced){.event_number = (int)id_event_number(&report->ids.owner_id),
                                  .owner_id = &report->ids.owner_id,
                                  .message_id = &report->ids.message_id,
                                  .actor = actor});
    for (size_t i = 0; i < report->bounce.recipient_count; i++) {
        const struct bounce_recipient *recipient = &report->bounce.recipients[i];
        struct email email; /* in the form that it is stored in */
        bool is_address = email_parse(report->arena, recipient->address, &email);
        if (recipient->fate == BOUNCE_FAILED)
            message_bounced_add_report(
                params, &(struct message_bounced_report){.address = is_address ? email.address
                                                                               : recipient->address,
                                                         .code = recipient->code,
                                                         .words = recipient->words});
    }
    return params;
}

/* False: the database gave a word that it did not declare. */
static bool read_outcome(const struct rows *rows, enum outcome *ret)
{
    switch (message_bounced_outcome(rows, 0)) {
    case BOUNCE_OUTCOME_MARKED:
        *ret = MARKED;
        return true;
    case BOUNCE_OUTCOME_AGAIN:
        *ret = AGAIN;
        return true;
    case BOUNCE_OUTCOME_NOT_NOTED:
        *ret = NOT_NOTED;
        return true;
    case BOUNCE_OUTCOME_OUT_OF_DATE:
        *ret = OUT_OF_DATE;
        return true;
    case BOUNCE_OUTCOME_NOT_FOUND:
        *ret = NOT_OURS;
        return true;
    case BOUNCE_OUTCOME_NONE:
        break;
    }
    return false;
}

/* --- By HTTP --------------------------------------------------------------------------------- */

struct hearing {
    struct request *request;
    struct report report;
};

/* Reads the report on a thread. It owns its memory. */
struct reading {
    struct keyring *keyring;
    struct arena arena;
    const char *bytes;
    size_t length;
    struct report report;
    bool has_failed;
    enum outcome outcome;
};

static void reply_outcome(const struct hearing *hearing, enum outcome outcome)
{
    static const struct id none;
    bool is_known = outcome == MARKED || outcome == AGAIN || outcome == OUT_OF_DATE;
    const struct message_ids *ids = &hearing->report.ids;
    if (outcome == NO_MAIL)
        reply_refuse(hearing->request, 400, "no_mail");
    else if (outcome == NOT_NOTED)
        reply_busy(hearing->request, "busy");
    else
        reply_view(hearing->request, 200,
                   json_pack("{s:s, s:o, s:o}", "outcome", outcome_names[outcome], "of",
                             view_id(is_known ? &ids->owner_id : &none), "message",
                             view_id(is_known ? &ids->message_id : &none)));
}

static void on_marked(void *context, const struct db_result *result)
{
    const struct hearing *hearing = context;
    enum outcome outcome;
    if (result->outcome != DB_DONE)
        reply_failed(hearing->request, result);
    else if (!read_outcome(result->rows, &outcome))
        reply_refuse(hearing->request, 500, "internal");
    else
        reply_outcome(hearing, outcome);
}

/* The path names no event, so the role counts here where the letter's event is known. */
static void on_event(void *context, const struct event *event, int db_outcome)
{
    struct hearing *hearing = context;
    struct request *request = hearing->request;
    bool may = false;
    if (event) {
        const struct scope scope = {
            .event = event, .organiser_id = event->organiser_id, .event_id = event->id};
        may = caller_role_in(request_caller(request), &scope, WHO_EDITORS) & WHO_EDITORS;
        events_release(event);
    }
    if (!event && db_outcome != DB_DONE)
        reply_failed(request, &(struct db_result){.outcome = (enum db_outcome)db_outcome});
    else if (!may)
        reply_outcome(hearing, NOT_OURS);
    else
        db_ask(request_worker(request)->db, mark(&hearing->report, request_caller(request)->label),
               on_marked, hearing);
}

static void read(void *context)
{
    struct reading *reading = context;
    reading->has_failed = read_report(&reading->report, reading->keyring, reading->bytes,
                                      reading->length, &reading->outcome);
}

static struct hearing *hear(struct request *request, const struct report *report)
{
    struct arena *arena = request_arena(request);
    struct hearing *hearing = arena_alloc(arena, sizeof *hearing);
    struct bounce *bounce = &hearing->report.bounce;
    *hearing = (struct hearing){.request = request, .report = *report};
    hearing->report.arena = arena;
    for (size_t i = 0; i < bounce->recipient_count; i++) {
        bounce->recipients[i].address = arena_copy(arena, bounce->recipients[i].address);
        bounce->recipients[i].words = arena_copy(arena, bounce->recipients[i].words);
    }
    return hearing;
}

static void on_read(struct request *request, void *context)
{
    struct reading *reading = context;
    if (request) {
        struct hearing *hearing = hear(request, &reading->report);
        if (reading->has_failed)
            events_find_number(request_worker(request),
                               id_event_number(&hearing->report.ids.owner_id), on_event, hearing);
        else
            reply_outcome(hearing, reading->outcome);
    }
    arena_finish(&reading->arena);
    keyring_destroy(reading->keyring);
    free(reading);
}

void bounced_report(struct request *request)
{
    struct reading *reading = memory_alloc(sizeof *reading);
    const char *bytes = request_body_bytes(request, &reading->length);
    arena_init(&reading->arena);
    reading->bytes = arena_copy_bytes(&reading->arena, bytes, reading->length);
    reading->report.arena = &reading->arena;
    reading->keyring = keyring_copy(request_worker(request)->keyring);
    request_work(request, read, on_read, reading);
}

/* --- By command ------------------------------------------------------------------------------ */

/* Reads all, so that the mail server does not find the pipe closed, and keeps the beginning. */
static bool read_input(struct buffer *mail)
{
    char piece[64 * 1024];
    size_t length;
    while ((length = fread(piece, 1, sizeof piece, stdin)) > 0) {
        if (mail->length < BOUNCE_READ_BYTES)
            buffer_add(mail, piece, length);
    }
    return !ferror(stdin);
}

static int later(const char *reason)
{
    command_fail("%s", reason);
    return EX_TEMPFAIL;
}

static int tell(enum outcome outcome, const char *recipient)
{
    static const char *const sentences[] = {
        [AGAIN] = "nothing new: this mail was reported before",
        [NOT_FINAL] = "nothing to do: the mail server goes on trying, or the mail arrived",
        [NO_REPORT] = "nothing to do: this mail does not report that a mail came back",
        [NOT_OURS] = "nothing to do: the mail that came back is not of these events",
        [OUT_OF_DATE] = "nothing to do: the address was corrected, or the mail sent again, since",
    };
    if (outcome == NO_MAIL) {
        command_fail("the input is no mail");
        return EX_DATAERR;
    }
    if (outcome == NOT_NOTED)
        return later("it is not noted yet how sending this mail ended");
    if (outcome == MARKED)
        printf("marked: the mail to %s came back\n", recipient);
    else
        puts(sentences[outcome]);
    return EX_OK;
}

/* Whether the letter is of the event with this slug. NULL: any event. */
static bool is_of_event(struct db_session *session, const struct report *report, const char *slug,
                        bool *ret_is)
{
    struct event *event;
    *ret_is = true;
    if (!slug)
        return true;
    if (!event_load(session, slug, &event))
        return false;
    *ret_is = event && event->number == id_event_number(&report->ids.owner_id);
    if (event)
        events_release(event);
    return true;
}

static int mark_now(const struct config *config, const struct report *report, const char *slug)
{
    bool is_of = false;
    enum outcome outcome = NOT_OURS;
    const struct rows *rows = NULL;
    struct db_session *session = command_session(config);
    if (!session)
        return EX_TEMPFAIL;
    int status = EX_TEMPFAIL;
    if (!is_of_event(session, report, slug, &is_of) ||
        (is_of && !(rows = db_session_run(session, mark(report, "command")))))
        later(db_session_error(session));
    else if (rows && !read_outcome(rows, &outcome))
        later(COMMAND_UNKNOWN_OUTCOME);
    else
        status = tell(outcome, rows ? rows_text(rows, 0, "recipient") : "");
    db_session_close(session);
    return status;
}

static int run(const struct config *config, int argc, char **argv)
{
    char error[KEYRING_ERROR_BYTES];
    struct keyring *keyring = NULL;
    struct arena arena;
    struct buffer mail;
    enum outcome outcome;
    if (argc > 1)
        return COMMAND_USAGE;
    if (!keyring_load(config->keys, &keyring, error))
        return later(error);
    arena_init(&arena);
    buffer_init(&mail);
    struct report report = {.arena = &arena};
    int status = !read_input(&mail) ? later("the mail cannot be read from standard input")
                 : read_report(&report, keyring, buffer_text(&mail), mail.length, &outcome)
                     ? mark_now(config, &report, argc == 1 ? argv[0] : NULL)
                     : tell(outcome, "");
    buffer_finish(&mail);
    arena_finish(&arena);
    keyring_destroy(keyring);
    return status;
}

const struct command command_message_bounced = {
    .words = "message bounced",
    .arguments = "[EVENT]",
    .help = "read a mail from a mail server and mark the mail that it reports as come back",
    .run = run,
};
