/* einlass token add, token list, token revoke */
#include "base/clock.h"
#include "db/session.h"
#include "features/account/account.h"
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
    const char *organiser, *event, *role; /* event NULL: all of the organiser's */
    char text[SECRET_TEXT_BYTES];
};

static int say_added(const struct rows *rows, const struct token *token)
{
    const char *outcome = rows_text(rows, 0, "outcome");
    if (strcmp(outcome, "no_organiser") == 0)
        return refuse_organiser(token->organiser);
    if (strcmp(outcome, "no_event") == 0)
        return command_fail("%s has no event \"%s\"", token->organiser, token->event);
    puts(token->text);
    return COMMAND_DONE;
}

static int add(struct db_session *session, struct token *token)
{
    struct id token_id;
    unsigned char hash[SECRET_HASH_BYTES];
    id_make(&token_id);
    secret_make(ACCOUNT_TOKEN_PREFIX, token->text);
    secret_hash(token->text, hash);
    struct params *params = params_create(sql_account_token_add.parameter_count);
    params_text(params, 1, token->organiser);
    params_text(params, 2, token->event);
    params_id(params, 3, &token_id);
    params_bytes(params, 4, hash, sizeof hash);
    params_text(params, 5, token->role);
    const struct rows *rows = db_session_run(session, &sql_account_token_add, params);
    return rows ? say_added(rows, token) : command_fail("%s", db_session_error(session));
}

static int run_add(const struct config *config, int argc, char **argv)
{
    struct token token = {
        .organiser = command_option(&argc, argv, "--organiser"),
        .role = command_option(&argc, argv, "--role"),
        .event = command_option(&argc, argv, "--event"),
    };
    if (argc != 0 || !token.organiser || !token.role || !account_is_role(token.role))
        return COMMAND_USAGE;
    struct db_session *session = command_session(config);
    if (!session)
        return COMMAND_FAILED;
    int status = add(session, &token);
    db_session_close(session);
    return status;
}

const struct command command_token_add = {
    .words = "token add",
    .arguments = "--organiser SLUG --role owner|manager|door|viewer [--event EVENT]",
    .help = "make an API token and print it, once",
    .run = run_add,
};

/* --- token list ------------------------------------------------------------------------------ */

static void say_token(const struct rows *rows, int row)
{
    char id_text[ID_TEXT_BYTES], created[CLOCK_TEXT_BYTES], revoked[CLOCK_TEXT_BYTES];
    struct id id = rows_id(rows, row, "token_id");
    bool has_event = !rows_is_null(rows, row, "event");
    bool is_revoked = !rows_is_null(rows, row, "revoked_at");
    id_format(&id, id_text);
    clock_format(rows_time(rows, row, "created_at"), created);
    clock_format(rows_time(rows, row, "revoked_at"), revoked);
    printf("%s  %-7s  %-24s  made %s%s%s\n", id_text, rows_text(rows, row, "role"),
           has_event ? rows_text(rows, row, "event") : "all events", created,
           is_revoked ? ", revoked " : "", is_revoked ? revoked : "");
}

static int list(struct db_session *session, const char *organiser)
{
    struct params *params = params_create(sql_account_token_list.parameter_count);
    params_text(params, 1, organiser);
    const struct rows *rows = db_session_run(session, &sql_account_token_list, params);
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
    struct params *params = params_create(sql_account_token_revoke.parameter_count);
    params_text(params, 1, organiser);
    params_id(params, 2, &id);
    const struct rows *rows = db_session_run(session, &sql_account_token_revoke, params);
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
