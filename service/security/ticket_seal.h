/*
 * Encrypts text for the holder of a ticket. It protects the guest list on a lost phone. The key is
 * HKDF-SHA-256 (RFC 5869; no salt, info "einlass guest list") of the ticket's bytes, which contain
 * a signature that nobody can guess. The cipher is XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03)
 * with the ticket's id as additional data. The text is padded, so its length tells nothing.
 */
#ifndef EINLASS_SECURITY_TICKET_SEAL_H
#define EINLASS_SECURITY_TICKET_SEAL_H

#include "security/ticket.h"

enum { TICKET_DIGEST_TEXT_BYTES = 22 + 1 };

/*
 * The name of a ticket's record in the guest list: the first 16 bytes of SHA-256 over the id's
 * bytes and "einlass guest list", in base64url. It does not tell when the ticket was issued, as the
 * id does, and nobody can scan a guest with it.
 */
void ticket_digest(const struct id *id, char ret_text[TICKET_DIGEST_TEXT_BYTES]);

/*
 * Pads JSON text with spaces to the next multiple of 256 bytes, and appends it encrypted in
 * base64url without padding (RFC 4648 section 5): a random nonce of 24 bytes, the ciphertext, a tag
 * of 16 bytes. `key` is the ring's key that signed the ticket.
 */
void ticket_seal(const struct keyring *keyring, size_t key, const struct ticket_claims *claims,
                 const char *text, size_t length, struct buffer *out);

#endif
