/*
 * Sealing what only the holder of a ticket opens: a guest list that lies on phones and tells
 * nothing to whoever finds one. The key is HKDF-SHA-256 (RFC 5869; no salt, info "einlass guest
 * list") of the ticket's bytes, which hold a signature nobody can guess; the text is sealed by
 * XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) with the ticket's id as additional data.
 */
#ifndef EINLASS_SECURITY_TICKET_SEAL_H
#define EINLASS_SECURITY_TICKET_SEAL_H

#include "security/ticket.h"

/*
 * Appends the sealed text in base64url without padding (RFC 4648 section 5): a random nonce of 24
 * bytes, the ciphertext, a tag of 16 bytes. `key` is the one of the ring that signed the ticket,
 * as a ticket of each is another one.
 */
void ticket_seal(const struct keyring *keyring, size_t key, const struct ticket_claims *claims,
                 const char *text, size_t length, struct buffer *out);

#endif
