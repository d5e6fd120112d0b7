#include "check.h"

#include <signal.h>

#include "command.h"
#include "db/session.h"
#include "features/registration/erasures.h"
#include "http/listening.h"
#include "http/trust.h"
#include "mail/dns.h"
#include "mail/trial.h"
#include "security/keyring.h"
#include "serve.h"
#include "statements.h"
#include "view/asset.h"
#include "view/fonts.h"
#include "view/locale.h"

bool check_mail_settings(const struct config *config, struct buffer *ret_error)
{
    if (*config->resolver == '\0' || dns_check_servers(config->resolver))
        return trial_check_settings(config->smtp, config->mail_from, ret_error);
    buffer_printf(ret_error,
                  "resolver: \"%s\" is no list of addresses; it looks like 192.0.2.53 or "
                  "192.0.2.53,[2001:db8::53]:5353",
                  config->resolver);
    return false;
}

static bool check_addresses(const struct config *config)
{
    struct trust trust;
    struct buffer error;
    buffer_init(&error);
    bool good = listening_check(config->listen, &error) &&
                trust_parse(config->trusted_proxies, &trust, &error) &&
                check_mail_settings(config, &error);
    if (!good)
        command_fail("%s", buffer_text(&error));
    buffer_finish(&error);
    return good;
}

static void on_line(void *context, const char *line)
{
    (void)context;
    printf("  %s\n", line);
    fflush(stdout);
}

static bool check_mail(const struct config *config)
{
    struct buffer sentence;
    if (*config->smtp == '\0') {
        puts("no mail server is set: messages are kept");
        return true;
    }
    signal(SIGPIPE, SIG_IGN); /* the server may disconnect */
    buffer_init(&sentence);
    bool good = trial_run(&(struct trial_options){.smtp = config->smtp,
                                                  .mail_from = config->mail_from,
                                                  .on_line = on_line},
                          &sentence);
    if (good)
        puts(buffer_text(&sentence));
    else
        command_fail("%s", buffer_text(&sentence));
    buffer_finish(&sentence);
    return good;
}

/* --- The database ---------------------------------------------------------------------------- */

/* NULL: it has said why. */
static const struct rows *ask(struct db_session *session, struct params *params)
{
    const struct rows *rows = db_session_run(session, params);
    if (!rows)
        command_fail("%s", db_session_error(session));
    return rows;
}

/* Tells of a role that may do more than the service needs, or less. */
static bool check_role(struct db_session *session)
{
    const struct rows *rows = ask(session, operations_role_params());
    if (!rows)
        return false;
    const char *role = rows_text(rows, 0, "name"), *unreadable = rows_text(rows, 0, "unreadable");
    if (*unreadable) {
        command_fail(
            "the role \"%s\" may not read the table \"%s\": run \"einlass migrate\" as its "
            "owner, with service_role = %s",
            role, unreadable, role);
        return false;
    }
    if (rows_bool(rows, 0, "owns"))
        printf("note: the role \"%s\" owns the tables, so it could empty the log of changes; "
               "see service_role in einlass.conf(5)\n",
               role);
    return true;
}

/* What was answered must be there after a crash of the machine. */
static bool check_durability(struct db_session *session)
{
    const struct primary_facts *server = db_session_server(session);
    struct buffer names = {0};
    primary_not_durable(server, &names);
    bool good = names.length == 0;
    if (!good)
        command_fail("a crash of the database would lose sign-ups and scans that were answered: "
                     "%s must be on in postgresql.conf, and for the role and the database",
                     buffer_text(&names));
    buffer_finish(&names);
    if (server->leaves_standbys)
        puts("note: synchronous_commit is local, so answers do not wait for the synchronous "
             "standbys and may be lost in a failover");
    if (server->timeline == 0)
        puts("note: the database does not tell its timeline, so the service could not recognise "
             "an old primary");
    return good;
}

static bool check_connections(const struct config *config, struct db_session *session)
{
    const struct rows *rows = ask(session, operations_connections_params());
    int needed = serve_connections(config->workers);
    if (!rows)
        return false;
    if (rows_number(rows, 0, "allowed") >= needed)
        return true;
    command_fail("the database gives the service at most %d connections (%s), and %d workers need "
                 "%d: allow more, or lower the setting workers",
                 (int)rows_number(rows, 0, "allowed"), rows_text(rows, 0, "limited_by"),
                 config->workers, needed);
    return false;
}

static bool check_secret(const struct keyring *keyring, struct db_session *session)
{
    char fingerprint[KEYRING_FINGERPRINT_TEXT_BYTES];
    const struct rows *rows = ask(session, operations_fingerprint_params());
    if (!rows)
        return false;
    keyring_fingerprint(keyring, fingerprint);
    if (rows_count(rows) == 0 || strcmp(rows_text(rows, 0, "fingerprint"), fingerprint) == 0)
        return true;
    command_fail("%s", primary_keys_sentence);
    return false;
}

/* The second session is there to share the backend of the first one. */
static bool check_pooler(const struct config *config, struct db_session *session)
{
    struct db_session *other = db_session_has_pooler(session) ? command_session(config) : NULL;
    if (!other)
        return !db_session_has_pooler(session);
    bool is_pooled = db_session_is_pooled(session, other);
    db_session_close(other);
    if (is_pooled)
        command_fail("%s", primary_pooled_sentence);
    return !is_pooled;
}

/* Says all that is wrong, not only the first. */
static bool check_database(const struct config *config, const struct keyring *keyring)
{
    struct db_session *session = command_session(config);
    if (!session)
        return false;
    bool good = check_role(session);
    good = check_durability(session) && good;
    good = check_connections(config, session) && good;
    good = check_secret(keyring, session) && good;
    good = check_pooler(config, session) && good;
    good = good && erasures_check(config, session);
    db_session_close(session);
    return good;
}

/* A name that no font can draw is boxes on a ticket; everything else works. */
static void check_fonts(void)
{
    struct buffer missing;
    buffer_init(&missing);
    fonts_missing(&missing);
    fputs(buffer_text(&missing), stdout);
    buffer_finish(&missing);
}

int check_run(const struct config *config, int argc, char **argv)
{
    char key_error[KEYRING_ERROR_BYTES], locale_error[LOCALE_ERROR_BYTES];
    struct keyring *keyring = NULL;
    struct locale_set *locales = NULL;
    (void)argv;
    if (argc > 0)
        return COMMAND_USAGE;
    if (!check_addresses(config))
        return COMMAND_FAILED;
    if (!keyring_load(config->keys, &keyring, key_error))
        return command_fail("%s", key_error);
    bool good = locale_set_load(asset_all, asset_count, locale_error, &locales);
    if (good)
        good = check_database(config, keyring);
    else
        command_fail("%s", locale_error);
    locale_set_destroy(locales);
    keyring_destroy(keyring);
    if (!good)
        return COMMAND_FAILED;
    check_fonts();
    puts("settings, keys, wordings and database are in order");
    return check_mail(config) ? COMMAND_DONE : COMMAND_FAILED;
}
