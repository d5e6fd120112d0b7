/*
 * The setting `smtp`, the address of the mail server:
 *
 *     smtp://HOST[:25]                      TLS if the server offers it (STARTTLS, RFC 3207)
 *     smtp+starttls://USER:PASSWORD@HOST[:587]  TLS required
 *     smtps://USER:PASSWORD@HOST[:465]      TLS from the first byte (RFC 8314)
 *
 * User and password are percent-encoded. The query may have ca=/path.pem (trusted certificates,
 * instead of the system's) and name=tickets.example.org (the name for EHLO, instead of the
 * machine's). Certificates are always checked. smtp:// to this machine itself uses no TLS: nothing
 * leaves the machine, and local servers rarely have valid certificates.
 */
#ifndef EINLASS_MAIL_SMTP_URL_H
#define EINLASS_MAIL_SMTP_URL_H

#include <stdbool.h>

#include "base/memory.h"

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
 * Reads the URL; texts live in the arena. Refuses a password that would go unencrypted to another
 * machine. False: ret_error says what is wrong, without the password.
 */
MUST_CHECK bool smtp_url_parse(struct arena *arena, const char *text, struct smtp_url *ret_url,
                               struct buffer *ret_error);

#endif
