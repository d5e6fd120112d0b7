/* einlass token add, token list, token revoke */
#include "base/clock.h"
#include "base/text.h"
#include "db/session.h"
#include "features/team/team.h"
#include "security/secret.h"
#include "statements.h"

static int refuse_organiser(const char *organiser)
{
    return command_fail("there is no organiser \"%s\"; it comes with its first event "
                        "(einlass event apply)",
                        organiser);
}

/* --- token add ------------------------------------------------------------------------------- */

struct token {
    const char *organiser, *event; /* event NULL: all events of the organiser */
    const char *name, *expires_on; /* expires_on NULL: never */
    enum role role;
    char text[SECRET_TEXT_BYTES];
};

static int say_added(const struct rows *rows, const struct token *token)
{
    switch (team_token_add_outcome(rows, 0)) {
    case TOKEN_OUTCOME_NO_ORGANISER:
        return refuse_organiser(token->organiser);
    case TOKEN_OUTCOME_NO_EVENT:
        return command_fail("%s has no event \"%s\"", token->organiser, token->event);
    case TOKEN_OUTCOME_TOO_MANY:
        return command_fail("%s has %d tokens already; revoke some first", token->organiser,
                            TEAM_TOKENS_MOST);
    case TOKEN_OUTCOME_AGAIN:
        break;
    case TOKEN_OUTCOME_MADE:
        puts(token->text);
        return COMMAND_DONE;
    case TOKEN_OUTCOME_NONE:
        break;
    }
    return command_fail(COMMAND_UNKNOWN_OUTCOME);
}

static int add(struct db_session *session, struct token *token)
{
    struct id token_id;
    unsigned char hash[SECRET_HASH_BYTES];
    id_make(&token_id);
    secret_make(TEAM_TOKEN_PREFIX, token->text);
    secret_hash(token->text, hash);
    const struct rows *rows =
        db_session_run(session, team_token_add_params(&(struct team_token_add){
                                    .by_command = true,
                                    .organiser = token->organiser,
                                    .event = token->event,
                                    .token_id = &token_id,
                                    .hash = {hash, sizeof hash},
                                    .role = token->role,
                                    .name = token->name ? token->name : "",
                                    .expires_on = token->expires_on,
                                    .actor = "command",
                                    .most = TEAM_TOKENS_MOST,
                                }));
    return rows ? say_added(rows, token) : command_fail("%s", db_session_error(session));
}

static int run_add(const struct config *config, int argc, char **argv)
{
    struct token token = {
        .organiser = command_option(&argc, argv, "--organiser"),
        .role = role_parse(command_option(&argc, argv, "--role")),
        .event = command_option(&argc, argv, "--event"),
        .name = command_option(&argc, argv, "--name"),
        .expires_on = command_option(&argc, argv, "--expires-on"),
    };
    if (argc != 0 || !token.organiser || token.role == ROLE_NONE)
        return COMMAND_USAGE;
    if (token.expires_on && !clock_is_date(token.expires_on))
        return command_fail("--expires-on takes a day such as 2026-12-31");
    if (token.name && text_length(token.name) > TEAM_TOKEN_NAME_MOST)
        return command_fail("a name has at most %d characters", TEAM_TOKEN_NAME_MOST);
    struct db_session *session = command_session(config);
    if (!session)
        return COMMAND_FAILED;
    int status = add(session, &token);
    db_session_close(session);
    return status;
}

const struct command command_token_add = {
    .words = "token add",
    .arguments = "--organiser SLUG --role owner|manager|door|viewer [--event EVENT] [--name NAME] "
                 "[--expires-on DAY]",
    .help = "make an API token and print it, once",
    .run = run_add,
};

/* --- token list ------------------------------------------------------------------------------ */

static void say_if_given(const struct rows *rows, int row, const char *column, const char *lead)
{
    const char *text = rows_text(rows, row, column);
    if (*text != '\0')
        printf(", %s%s", lead, text);
}

static void say_token(const struct rows *rows, int row)
{
    char id_text[ID_TEXT_BYTES], created[CLOCK_TEXT_BYTES], revoked[CLOCK_TEXT_BYTES];
    struct id id = rows_id(rows, row, "token_id");
    bool has_event = !rows_is_null(rows, row, "event");
    bool is_revoked = !rows_is_null(rows, row, "revoked_at");
    id_format(&id, id_text);
    clock_format(rows_time(rows, row, "created_at"), created);
    clock_format(rows_time(rows, row, "revoked_at"), revoked);
    printf("%s  %-7s  %-24s  made %s%s%s", id_text, rows_text(rows, row, "role"),
           has_event ? rows_text(rows, row, "event") : "all events", created,
           is_revoked ? ", revoked " : "", is_revoked ? revoked : "");
    say_if_given(rows, row, "expires_on", "until ");
    say_if_given(rows, row, "last_used_on", "last used ");
    say_if_given(rows, row, "name", "");
    putchar('\n');
}

static int list(struct db_session *session, const char *organiser)
{
    const struct rows *rows =
        db_session_run(session, team_token_list_params(&(struct team_token_list){
                                    .by_command = true, .organiser = organiser, .language = "en"}));
    if (!rows)
        return command_fail("%s", db_session_error(session));
    if (rows_count(rows) == 0)
        return refuse_organiser(organiser);
    for (int row = 0; row < rows_count(rows); row++) {
        if (!rows_is_null(rows, row, "token_id"))
            say_token(rows, row);
    }
    return COMMAND_DONE;
}

static int run_list(const struct config *config, int argc, char **argv)
{
    const char *organiser = command_option(&argc, argv, "--organiser");
    if (argc != 0 || !organiser)
        return COMMAND_USAGE;
    struct db_session *session = command_session(config);
    if (!session)
        return COMMAND_FAILED;
    int status = list(session, organiser);
    db_session_close(session);
    return status;
}

const struct command command_token_list = {
    .words = "token list",
    .arguments = "--organiser SLUG",
    .help = "show an organiser's API tokens (not the tokens themselves: only their hash is kept)",
    .run = run_list,
};

/* --- token revoke ---------------------------------------------------------------------------- */

static int revoke(struct db_session *session, const char *organiser, const char *token)
{
    struct id id;
    if (!id_parse(token, &id))
        return command_fail("\"%s\" is no id of a token; einlass token list shows them", token);
    const struct rows *rows = db_session_run(
        session,
        team_token_revoke_params(&(struct team_token_revoke){
            .by_command = true, .organiser = organiser, .token_id = &id, .actor = "command"}));
    if (!rows)
        return command_fail("%s", db_session_error(session));
    if (rows_count(rows) == 0)
        return command_fail("%s has no token %s", organiser, token);
    printf("revoked %s\n", token);
    return COMMAND_DONE;
}

static int run_revoke(const struct config *config, int argc, char **argv)
{
    const char *organiser = command_option(&argc, argv, "--organiser");
    if (argc != 1 || !organiser)
        return COMMAND_USAGE;
    struct db_session *session = command_session(config);
    if (!session)
        return COMMAND_FAILED;
    int status = revoke(session, organiser, argv[0]);
    db_session_close(session);
    return status;
}

const struct command command_token_revoke = {
    .words = "token revoke",
    .arguments = "--organiser SLUG TOKEN_ID",
    .help = "make an API token worth nothing, at once",
    .run = run_revoke,
};
