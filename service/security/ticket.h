/*
 * Ticket tokens: a CWT (RFC 8392) in a tagged COSE_Sign1 (RFC 9052 section 4.2), EdDSA over Ed25519
 * (RFC 9053 section 2.2) with the key's algorithm as -8 or, read only, as -19 (RFC 9864), in
 * base32. docs/tickets.md shows every byte. A token is a pure function of the claims and the
 * signing key; it starts with "2KCE".
 */
#ifndef EINLASS_SECURITY_TICKET_H
#define EINLASS_SECURITY_TICKET_H

#include <stdint.h>

#include "base/id.h"
#include "base/memory.h"
#include "security/keyring.h"

enum {
    TICKET_EVENT_MOST = 64,   /* characters of a slug; up to 24 fit QR version 8 at level M */
    TICKET_TEXT_MOST = 512,   /* characters of a token to read, without what ticket_read() skips */
    TICKET_GIVEN_MOST = 2048, /* bytes of all that is given */
    TICKET_BYTES_MOST = 200,  /* bytes of a token before base32 */
};

struct ticket_claims {
    struct id id;                         /* cti, claim 7 */
    char event[TICKET_EVENT_MOST + 1];    /* aud, claim 3: the slug */
    int64_t expires_at_us;                /* exp, claim 4: whole seconds since 1970 are written */
    unsigned char kid[KEYRING_KID_BYTES]; /* of the signing key; ticket_sign ignores it */
};

enum ticket_status {
    TICKET_GENUINE,
    TICKET_UNKNOWN, /* not a ticket */
    TICKET_FORGED,  /* the form of a ticket, but an unknown key or a wrong signature */
};

/* Which event a token claims to be for that was cut off or does not verify. Trust nothing in it.
 * False: too little of it is there. */
MUST_CHECK bool ticket_claims_event(const char *text, char ret_event[TICKET_EVENT_MOST + 1]);

/* Appends a token signed by the newest key. Writes a time before 1970 as 1970. */
void ticket_sign(const struct keyring *keyring, const struct ticket_claims *claims,
                 struct buffer *out);

/* Writes the token's bytes, signed by a key of the ring (0: the newest). Returns their number. */
size_t ticket_bytes(const struct keyring *keyring, size_t key, const struct ticket_claims *claims,
                    unsigned char ret_bytes[TICKET_BYTES_MOST]);

/*
 * Reads a token as scanners and people give it: docs/tickets.md, "What a reader takes". Ignores
 * case, white space and all else that shows nothing, hyphens, the AIM prefix and the ECI of a
 * scanner, and a link around it. If it is not genuine, tries again with Y and Z exchanged, because
 * a scanner set to another keyboard layout types it so. Accepts only the bytes that ticket_sign
 * writes for the claims: no other order, no longer form, nothing behind it. Does not check the
 * expiry. Writes ret_claims only if TICKET_GENUINE.
 */
MUST_CHECK enum ticket_status ticket_read(const struct keyring *keyring, const char *text,
                                          struct ticket_claims *ret_claims);

#endif
