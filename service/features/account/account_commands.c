/* einlass account add */
#include <termios.h>
#include <unistd.h>

#include "base/email.h"
#include "base/memory.h"
#include "db/session.h"
#include "features/account/account.h"
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
    fputs(is_hushed ? "Password: " : "\n", stderr);
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

static int hash_from_input(char ret_hash[PASSWORD_HASH_BYTES])
{
    char password[PASSWORD_MOST_BYTES + 2];
    read_password(password);
    enum password_status status = password_hash(password, ret_hash);
    explicit_bzero(password, sizeof password);
    switch (status) {
    case PASSWORD_TOO_SHORT:
        return command_fail("a password has at least %d characters; give it as one line on "
                            "standard input",
                            PASSWORD_LEAST_BYTES);
    case PASSWORD_TOO_LONG:
        return command_fail("a password has at most %d bytes", PASSWORD_MOST_BYTES);
    case PASSWORD_HASHED:
        break;
    }
    return COMMAND_DONE;
}

static int say(const struct rows *rows, const char *email, const char *organiser, enum role role)
{
    const char *what = "password and role set";
    switch (account_account_add_outcome(rows, 0)) {
    case ACCOUNT_OUTCOME_NO_ORGANISER:
        return command_fail("there is no organiser \"%s\"; it comes with its first event "
                            "(einlass event apply)",
                            organiser);
    case ACCOUNT_OUTCOME_MADE:
        what = "a new account";
        break;
    case ACCOUNT_OUTCOME_CHANGED:
        break;
    case ACCOUNT_OUTCOME_NONE:
        return command_fail(COMMAND_UNKNOWN_OUTCOME);
    }
    printf("%s: %s of %s, %s\n", email, role_name(role), organiser, what);
    return COMMAND_DONE;
}

static int add(const struct config *config, const struct email *email, const char *organiser,
               enum role role)
{
    struct id account_id;
    char hash[PASSWORD_HASH_BYTES];
    int status = hash_from_input(hash);
    struct db_session *session = status == COMMAND_DONE ? command_session(config) : NULL;
    if (!session)
        return COMMAND_FAILED;
    id_make(&account_id);
    const struct rows *rows = db_session_run(
        session, account_account_add_params(&(struct account_account_add){.organiser = organiser,
                                                                          .account_id = &account_id,
                                                                          .email = email->address,
                                                                          .email_key = email->key,
                                                                          .password_hash = hash,
                                                                          .role = role}));
    status = rows ? say(rows, email->address, organiser, role)
                  : command_fail("%s", db_session_error(session));
    db_session_close(session);
    return status;
}

static int run(const struct config *config, int argc, char **argv)
{
    const char *organiser = command_option(&argc, argv, "--organiser");
    enum role role = role_parse(command_option(&argc, argv, "--role"));
    if (argc != 1 || !organiser || role == ROLE_NONE)
        return COMMAND_USAGE;
    struct arena arena;
    struct email email;
    arena_init(&arena);
    int status = email_parse(&arena, argv[0], &email)
                     ? add(config, &email, organiser, role)
                     : command_fail("\"%s\" is no e-mail address", argv[0]);
    arena_finish(&arena);
    return status;
}

const struct command command_account_add = {
    .words = "account add",
    .arguments = "EMAIL --organiser SLUG --role owner|manager|door|viewer",
    .help = "let somebody work for an organiser; the password is read from standard input",
    .run = run,
};
