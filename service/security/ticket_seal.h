/*
 * Encrypts text for the holder of a ticket. It protects the guest list on a lost phone. The key is
 * HKDF-SHA-256 (RFC 5869; no salt, info "einlass guest list") of the ticket's bytes, which contain
 * a signature that nobody can guess. The cipher is XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03)
 * with the ticket's id as additional data.
 */
#ifndef EINLASS_SECURITY_TICKET_SEAL_H
#define EINLASS_SECURITY_TICKET_SEAL_H

#include "security/ticket.h"

/*
 * Appends the encrypted text in base64url without padding (RFC 4648 section 5): a random nonce of
 * 24 bytes, the ciphertext, a tag of 16 bytes. `key` is the ring's key that signed the ticket.
 */
void ticket_seal(const struct keyring *keyring, size_t key, const struct ticket_claims *claims,
                 const char *text, size_t length, struct buffer *out);

#endif
