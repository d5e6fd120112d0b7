// The public keys of tickets (docs/tickets.md), and Ed25519: by the browser, or by the library at the
// address `ed25519`, which is loaded only if needed.
import { fromBase64url } from './ticket.js';

export class Keys {
    #raw = new Map(); // kid → 32 bytes
    #imported = new Map(); // kid → CryptoKey
    #ed25519;
    #library = null;

    constructor({ ed25519 } = {}) {
        this.#ed25519 = ed25519;
    }

    // jwks: {keys: [...]} (RFC 7517, RFC 8037); ignores other kinds of keys.
    set(jwks) {
        const ours = (jwks?.keys ?? []).filter((key) => key.kty === 'OKP' && key.crv === 'Ed25519');
        this.#raw = new Map(ours.map(({ kid, x }) => [kid, fromBase64url(x)]));
        this.#imported.clear();
    }

    has(kid) {
        return this.#raw.has(kid);
    }

    // → whether this key made this signature; false for an unknown key
    async verify(kid, message, signature) {
        const raw = this.#raw.get(kid);
        if (!raw) return false;
        const key = await this.#import(kid, raw);
        if (key) return crypto.subtle.verify('Ed25519', key, signature, message);
        const { verifyAsync } = await this.#load();
        return verifyAsync(signature, message, raw, { zip215: false });
    }

    // → null if this browser's WebCrypto has no Ed25519
    async #import(kid, raw) {
        if (this.#library) return null;
        if (!this.#imported.has(kid)) {
            try {
                const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
                this.#imported.set(kid, key);
            } catch {
                return null;
            }
        }
        return this.#imported.get(kid);
    }

    #load() {
        this.#library ??= import(this.#ed25519).catch((error) => {
            this.#library = null;
            throw error;
        });
        return this.#library;
    }
}
