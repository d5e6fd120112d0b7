// Names and decrypts records of the guest list. Only its own ticket decrypts a record. XChaCha20-Poly1305, a
// nonce of 24 bytes before the ciphertext, the key by HKDF-SHA-256 (RFC 5869) from the COSE bytes of
// the ticket, the ticket's id as additional data.
import { xchacha20poly1305 } from '@noble/ciphers/chacha';
import { fromBase64url, toBase64url } from './ticket.js';

const NONCE_BYTES = 24;
const DIGEST_BYTES = 16;
const info = new TextEncoder().encode('einlass guest list');

async function keyOf(cose) {
    const secret = await crypto.subtle.importKey('raw', cose, 'HKDF', false, ['deriveBits']);
    const salt = new Uint8Array(0);
    const how = { name: 'HKDF', hash: 'SHA-256', salt, info };
    return new Uint8Array(await crypto.subtle.deriveBits(how, secret, 256));
}

const uuidBytes = (uuid) =>
    Uint8Array.from(uuid.replaceAll('-', '').match(/../g), (pair) => parseInt(pair, 16));

// The name of a ticket's record: the first 16 bytes of SHA-256 over its id and `info`, in base64url.
export async function digestOf(ticketId) {
    const hash = await crypto.subtle.digest('SHA-256', Uint8Array.from([...uuidBytes(ticketId), ...info]));
    return toBase64url(new Uint8Array(hash, 0, DIGEST_BYTES));
}

// ticket: a genuine one from readTicket; sealed: {kid: base64url}. → the record, or null if this ticket
// does not decrypt it
export async function openSealed(ticket, sealed) {
    try {
        const box = fromBase64url(sealed[ticket.kid]);
        const cipher = xchacha20poly1305(await keyOf(ticket.bytes), box.subarray(0, NONCE_BYTES),
            uuidBytes(ticket.claims.id));
        return JSON.parse(new TextDecoder().decode(cipher.decrypt(box.subarray(NONCE_BYTES))));
    } catch {
        return null;
    }
}
