/* einlass account add, account link, account unlock */
#include <termios.h>
#include <unistd.h>

#include "base/email.h"
#include "base/memory.h"
#include "db/session.h"
#include "features/account/account.h"
#include "features/account/sessions.h"
#include "security/password.h"
#include "statements.h"

/* At a terminal, prompts for the password and turns the echo off. */
static void hush(bool is_hushed)
{
    struct termios terminal;
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &terminal) != 0)
        return;
    if (is_hushed)
        terminal.c_lflag &= ~(tcflag_t)ECHO;
    else
        terminal.c_lflag |= ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal);
    fputs(is_hushed ? "Password (empty: none): " : "\n", stderr);
}

/* Reads a line without its end. A line that is too long is cut, and refused later. */
static void read_password(char ret_password[PASSWORD_MOST_BYTES + 2])
{
    hush(true);
    if (!fgets(ret_password, PASSWORD_MOST_BYTES + 2, stdin))
        *ret_password = '\0';
    hush(false);
    ret_password[strcspn(ret_password, "\r\n")] = '\0';
}

/* An empty password gives an empty hash. */
static int hash_from_input(char ret_hash[PASSWORD_HASH_BYTES])
{
    char password[PASSWORD_MOST_BYTES + 2];
    read_password(password);
    *ret_hash = '\0';
    if (*password == '\0')
        return COMMAND_DONE;
    enum password_status status = password_hash(password, ret_hash);
    explicit_bzero(password, sizeof password);
    switch (status) {
    case PASSWORD_TOO_SHORT:
        return command_fail("a password has at least %d characters; give it as one line on "
                            "standard input",
                            PASSWORD_LEAST);
    case PASSWORD_TOO_LONG:
        return command_fail("a password has at most %d bytes", PASSWORD_MOST_BYTES);
    case PASSWORD_HASHED:
        break;
    }
    return COMMAND_DONE;
}

struct addition {
    const char *organiser, *event; /* event NULL: all events of the organiser */
    enum role role;
    char hash[PASSWORD_HASH_BYTES]; /* "": no password, or the former one */
};

static int say(const struct rows *rows, const char *email, const struct addition *addition)
{
    const char *what = *addition->hash ? "password and role set" : "role set";
    switch (account_account_add_outcome(rows, 0)) {
    case ACCOUNT_OUTCOME_NO_ORGANISER:
        return command_fail("there is no organiser \"%s\"; it comes with its first event "
                            "(einlass event apply)",
                            addition->organiser);
    case ACCOUNT_OUTCOME_NO_EVENT:
        return command_fail("%s has no event \"%s\"", addition->organiser, addition->event);
    case ACCOUNT_OUTCOME_MADE:
        what = "a new account";
        break;
    case ACCOUNT_OUTCOME_CHANGED:
        break;
    case ACCOUNT_OUTCOME_NONE:
        return command_fail(COMMAND_UNKNOWN_OUTCOME);
    }
    printf("%s: %s of %s, %s\n", email, role_name(addition->role),
           addition->event ? addition->event : addition->organiser, what);
    return COMMAND_DONE;
}

static int add(const struct config *config, const struct email *email, struct addition *addition)
{
    struct id account_id;
    int status = hash_from_input(addition->hash);
    struct db_session *session = status == COMMAND_DONE ? command_session(config) : NULL;
    if (!session)
        return COMMAND_FAILED;
    id_make(&account_id);
    const struct rows *rows =
        db_session_run(session, account_account_add_params(&(struct account_account_add){
                                    .organiser = addition->organiser,
                                    .event = addition->event,
                                    .account_id = &account_id,
                                    .email = email->address,
                                    .email_key = email->key,
                                    .password_hash = *addition->hash ? addition->hash : NULL,
                                    .role = addition->role,
                                }));
    status =
        rows ? say(rows, email->address, addition) : command_fail("%s", db_session_error(session));
    db_session_close(session);
    return status;
}

static int run_add(const struct config *config, int argc, char **argv)
{
    struct addition addition = {
        .organiser = command_option(&argc, argv, "--organiser"),
        .event = command_option(&argc, argv, "--event"),
        .role = role_parse(command_option(&argc, argv, "--role")),
    };
    if (argc != 1 || !addition.organiser || addition.role == ROLE_NONE)
        return COMMAND_USAGE;
    struct arena arena;
    struct email email;
    arena_init(&arena);
    int status = email_parse(&arena, argv[0], &email)
                     ? add(config, &email, &addition)
                     : command_fail("\"%s\" is no e-mail address", argv[0]);
    arena_finish(&arena);
    return status;
}

const struct command command_account_add = {
    .words = "account add",
    .arguments = "EMAIL --organiser SLUG --role owner|manager|door|viewer [--event EVENT]",
    .help = "let somebody work for an organiser; reads a password from standard input, or none",
    .run = run_add,
};

/* --- account link ---------------------------------------------------------------------------- */

static int refuse_email(const struct email *email)
{
    return command_fail("there is no account %s; einlass account add makes one", email->address);
}

static int link_to(const struct config *config, struct db_session *session,
                   const struct email *email)
{
    char token[SECRET_TEXT_BYTES];
    unsigned char hash[SECRET_HASH_BYTES];
    secret_make("", token);
    secret_hash(token, hash);
    const struct rows *rows = db_session_run(
        session, account_link_add_params(&(struct account_link_add){.email_key = email->key,
                                                                    .hash = {hash, sizeof hash},
                                                                    .minutes = SIGN_IN_LINK_MINUTES,
                                                                    .actor = "command"}));
    if (!rows)
        return command_fail("%s", db_session_error(session));
    if (rows_count(rows) == 0)
        return refuse_email(email);
    printf("%s/desk/sign-in/%s\n", config->public_url, token);
    return COMMAND_DONE;
}

typedef int on_account(const struct config *config, struct db_session *session,
                       const struct email *email);

/* Runs a command whose only argument is the address of an account. */
static int run_for(on_account *work, const struct config *config, int argc, char **argv)
{
    struct arena arena;
    struct email email;
    int status = COMMAND_FAILED;
    if (argc != 1)
        return COMMAND_USAGE;
    arena_init(&arena);
    if (!email_parse(&arena, argv[0], &email)) {
        command_fail("\"%s\" is no e-mail address", argv[0]);
    } else {
        struct db_session *session = command_session(config);
        if (session)
            status = work(config, session, &email);
        db_session_close(session);
    }
    arena_finish(&arena);
    return status;
}

static int run_link(const struct config *config, int argc, char **argv)
{
    return run_for(link_to, config, argc, argv);
}

const struct command command_account_link = {
    .words = "account link",
    .arguments = "EMAIL",
    .help = "print a link that signs somebody in at the desk, once, within 15 minutes",
    .run = run_link,
};

/* --- account unlock -------------------------------------------------------------------------- */

static int unlock(const struct config *config, struct db_session *session,
                  const struct email *email)
{
    (void)config;
    const struct rows *rows =
        db_session_run(session, account_account_by_email_params(
                                    &(struct account_account_by_email){.email_key = email->key}));
    if (!rows)
        return command_fail("%s", db_session_error(session));
    if (rows_count(rows) == 0)
        return refuse_email(email);
    struct id account_id = rows_id(rows, 0, "account_id");
    rows = db_session_run(session,
                          account_second_factor_clear_params(&(struct account_second_factor_clear){
                              .account_id = &account_id, .actor = "command"}));
    if (!rows)
        return command_fail("%s", db_session_error(session));
    printf("%s: signs in without a second factor\n", email->address);
    return COMMAND_DONE;
}

static int run_unlock(const struct config *config, int argc, char **argv)
{
    return run_for(unlock, config, argc, argv);
}

const struct command command_account_unlock = {
    .words = "account unlock",
    .arguments = "EMAIL",
    .help = "turn off the second factor of somebody who has lost it",
    .run = run_unlock,
};
