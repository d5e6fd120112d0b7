/*
 * The setting `smtp`: where the mail server is, and how one speaks to it.
 *
 *     smtp://HOST[:25]                      TLS where the server offers it (STARTTLS, RFC 3207)
 *     smtp+starttls://USER:PASSWORD@HOST[:587]  TLS or nothing
 *     smtps://USER:PASSWORD@HOST[:465]      TLS from the first byte (RFC 8314)
 *
 * User and password are percent-encoded. Behind "?" may stand ca=/path.pem (certificates trusted
 * instead of the system's) and name=tickets.example.org (what we call ourselves; the machine's name
 * otherwise). Certificates are always checked. To this machine itself smtp:// speaks without TLS:
 * nothing leaves it, and the certificates of local servers are rarely worth more than that.
 */
#ifndef EINLASS_MAIL_SMTP_URL_H
#define EINLASS_MAIL_SMTP_URL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buffer.h"

enum smtp_tls { SMTP_TLS_NONE, SMTP_TLS_OFFERED, SMTP_TLS_STARTTLS, SMTP_TLS_IMPLICIT };

struct smtp_url {
    enum smtp_tls tls;
    const char *host; /* IPv6 in brackets */
    int port;
    const char *user, *password; /* decoded; NULL: none */
    const char *ca;              /* NULL: the system's */
    const char *name;            /* NULL: the machine's */
};

/*
 * Reads it; texts live in the arena. False: ret_error says what is wrong, without the password.
 * A password that would travel unprotected to another machine is wrong.
 */
MUST_CHECK bool smtp_url_parse(struct arena *arena, const char *text, struct smtp_url *ret_url,
                               struct buffer *ret_error);

#endif
