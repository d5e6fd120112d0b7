#include <jansson.h>

#include "base/clock.h"
#include "base/id.h"
#include "db/session.h"
#include "features/ticket/ticket_feature.h"
#include "security/keyring.h"
#include "security/ticket.h"
#include "statements.h"

/* False: the input is longer than any token. */
static bool read_token(char ret_text[TICKET_GIVEN_MOST + 1])
{
    size_t length = fread(ret_text, 1, TICKET_GIVEN_MOST + 1, stdin);
    if (length > TICKET_GIVEN_MOST)
        return false;
    ret_text[length] = '\0';
    return strlen(ret_text) == length;
}

static void print_claims(const struct ticket_claims *claims, const char *expires_at)
{
    char id[ID_TEXT_BYTES], kid[KEYRING_KID_TEXT_BYTES];
    id_format(&claims->id, id);
    for (size_t i = 0; i < KEYRING_KID_BYTES; i++)
        snprintf(kid + 2 * i, 3, "%02x", claims->kid[i]);
    json_t *view = json_pack("{s:s, s:s, s:s, s:s}", "event", claims->event, "ticket_id", id,
                             "expires_at", expires_at, "kid", kid);
    json_dumpf(view, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(view);
}

static int verify_token(const struct keyring *keyring, const char *text)
{
    struct ticket_claims claims;
    char expires_at[CLOCK_TEXT_BYTES];
    switch (ticket_read(keyring, text, &claims)) {
    case TICKET_UNKNOWN:
        return command_fail("this is not a ticket");
    case TICKET_FORGED:
        return command_fail("this ticket is forged: none of our keys signed it");
    case TICKET_GENUINE:
        break;
    }
    clock_format(claims.expires_at_us, expires_at);
    if (clock_now_us() >= claims.expires_at_us)
        return command_fail("this ticket for %s expired at %s", claims.event, expires_at);
    print_claims(&claims, expires_at);
    return COMMAND_DONE;
}

static int run_verify(const struct config *config, int argc, char **argv)
{
    struct keyring *keyring;
    char error[KEYRING_ERROR_BYTES], text[TICKET_GIVEN_MOST + 1];
    (void)argv;
    if (argc != 0)
        return COMMAND_USAGE;
    if (!keyring_load(config->keys, &keyring, error))
        return command_fail("%s", error);
    int status =
        read_token(text) ? verify_token(keyring, text) : command_fail("this is not a ticket");
    keyring_destroy(keyring);
    return status;
}

const struct command command_ticket_verify = {
    .words = "ticket verify",
    .arguments = "< TOKEN",
    .help = "print what a ticket says, or why it is refused",
    .run = run_verify,
};

static int run_rotate(const struct config *config, int argc, char **argv)
{
    char error[KEYRING_ERROR_BYTES], kid[KEYRING_KID_TEXT_BYTES];
    (void)argv;
    if (argc != 0)
        return COMMAND_USAGE;
    if (!keyring_rotate(config->keys, kid, error))
        return command_fail("%s", error);
    puts(kid);
    fputs("A running service signs with it after a HUP signal; older tickets stay good.\n", stderr);
    return COMMAND_DONE;
}

const struct command command_keys_rotate = {
    .words = "keys rotate",
    .arguments = "",
    .help = "make a new key that signs tickets; the older ones go on verifying",
    .run = run_rotate,
};

/* Fails with a sentence, and gives the exit status. */
static int accept_keys(const struct config *config, const struct keyring *keyring)
{
    char fingerprint[KEYRING_FINGERPRINT_TEXT_BYTES];
    struct db_session *session = command_session(config);
    if (!session)
        return COMMAND_FAILED;
    keyring_fingerprint(keyring, fingerprint);
    bool good = db_session_run(session, ticket_accept_keys_params(&(struct ticket_accept_keys){
                                            .fingerprint = fingerprint})) != NULL;
    if (!good)
        command_fail("%s", db_session_error(session));
    db_session_close(session);
    return good ? COMMAND_DONE : COMMAND_FAILED;
}

static int run_accept(const struct config *config, int argc, char **argv)
{
    char error[KEYRING_ERROR_BYTES];
    struct keyring *keyring;
    (void)argv;
    if (argc != 0)
        return COMMAND_USAGE;
    if (!keyring_load(config->keys, &keyring, error))
        return command_fail("%s", error);
    int status = accept_keys(config, keyring);
    keyring_destroy(keyring);
    if (status == COMMAND_DONE)
        puts("The database belongs to these keys now. Links made with another secret are void.");
    return status;
}

const struct command command_keys_accept = {
    .words = "keys accept",
    .arguments = "",
    .help = "let the database go on with these keys, after its own secret was lost or replaced",
    .run = run_accept,
};
