/* einlass message list */
#include "db/session.h"
#include "event/event_load.h"
#include "event/events.h"
#include "features/message/message.h"
#include "statements.h"

enum { LISTED_MOST = 1000, WORDS_SHOWN_MOST = 100 };

static void print_message(const struct rows *rows, int row)
{
    const char *words = rows_text(rows, row, "words");
    printf("%.16s  %-8s  %-15s  %s%s%.*s\n", rows_text(rows, row, "created_at"),
           rows_text(rows, row, "state"), rows_text(rows, row, "kind"),
           rows_text(rows, row, "recipient"), *words ? "  " : "", WORDS_SHOWN_MOST, words);
}

/* Without a mail server the desk is where mails are read. */
static void print_link(const struct config *config, const char *slug)
{
    if (*config->smtp == '\0')
        printf("no mail server is set; read them at %s/desk/events/%s/messages\n",
               config->public_url, slug);
}

static int list(const struct config *config, struct db_session *session, const char *slug,
                enum message_state state)
{
    struct event *event = NULL;
    if (!event_load(session, slug, &event))
        return command_fail("%s", db_session_error(session));
    if (!event)
        return command_fail("there is no event \"%s\"", slug);
    const struct rows *rows = db_session_run(
        session, message_list_params(&(struct message_list){.event_id = &event->id,
                                                            .state = state,
                                                            .most = LISTED_MOST,
                                                            .timezone = event->timezone}));
    for (int row = 0; rows && row < rows_count(rows); row++)
        print_message(rows, row);
    int status = rows ? COMMAND_DONE : command_fail("%s", db_session_error(session));
    if (rows)
        print_link(config, slug);
    events_release(event);
    return status;
}

static int run_list(const struct config *config, int argc, char **argv)
{
    const char *text = command_option(&argc, argv, "--state");
    enum message_state state = message_state_parse(text);
    if (argc != 1 || (text && state == MESSAGE_STATE_NONE))
        return COMMAND_USAGE;
    struct db_session *session = command_session(config);
    int status = session ? list(config, session, argv[0], state) : COMMAND_FAILED;
    db_session_close(session);
    return status;
}

const struct command command_message_list = {
    .words = "message list",
    .arguments = "EVENT [--state STATE]",
    .help = "show the mails of an event, newest first, and how sending them went",
    .run = run_list,
};
