// Reads and verifies tickets without the service: exactly the form of docs/tickets.md, like
// service/security/ticket.c. readTicket throws for no text.
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const TEXT_MOST = 512; // characters to read, without what findToken skips
const GIVEN_MOST = 2048; // bytes of all that is given
const BYTES_MOST = 200;
const SLUG_MOST = 64;
const EXPIRY_MOST = 253402300799; // 9999-12-31T23:59:59Z

const tag18Array4 = [0xd2, 0x84];
// The algorithm of Ed25519 is -8, or -19 (RFC 9864).
const protectedUntilKid = [0x27, 0x32].map((algorithm) => [0x49, 0xa2, 0x01, algorithm, 0x04, 0x44]);
const unprotectedHeader = [0xa0];
const map3Audience = [0xa3, 0x03];
const expiryKey = [0x04];
const idKey = [0x07, 0x50];
const signatureHead = [0x58, 0x40];
// RFC 9052 section 4.4: ["Signature1", protected, external_aad h'', payload].
const array4Signature1 = [0x84, 0x6a, ...new TextEncoder().encode('Signature1')];
const noExternalData = [0x40];

const BYTE_STRING = 2;
const TEXT_STRING = 3;
const UNSIGNED = 0;

export const toHex = (bytes) =>
    Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

// 16 bytes → the UUID as text
export function toUuid(bytes) {
    return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

// Base64url without padding (RFC 4648 section 5) → bytes. Throws for other text.
export function fromBase64url(text) {
    const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

// bytes → base64url without padding
export function toBase64url(bytes) {
    return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

// Base32 (RFC 4648 section 6) in any case, with any white space → bytes, or null.
export function decodeBase32(text) {
    const bytes = [];
    let bits = 0;
    let held = 0;
    for (const character of text.replace(/\s/g, '').toUpperCase()) {
        const value = alphabet.indexOf(character);
        if (value < 0 || bytes.length > BYTES_MOST) return null;
        bits = ((bits << 5) | value) & 0xfff;
        held += 5;
        if (held < 8) continue;
        held -= 8;
        bytes.push((bits >> held) & 0xff);
    }
    // The spare bits must be fewer than one character, and all zero.
    if (held >= 5 || (bits & ((1 << held) - 1)) !== 0 || bytes.length > BYTES_MOST) return null;
    return Uint8Array.from(bytes);
}

// Deterministic CBOR (RFC 8949 section 4.2.1): the shortest form.
function head(type, value) {
    if (value < 24) return [(type << 5) | value];
    const power = value <= 0xff ? 0 : value <= 0xffff ? 1 : value <= 0xffffffff ? 2 : 3;
    const bytes = [];
    for (let i = 0, left = value; i < 1 << power; i++, left = Math.floor(left / 256))
        bytes.unshift(left % 256);
    return [(type << 5) | (24 + power), ...bytes];
}

class NoTicket extends Error {}

class Reader {
    #bytes;
    #at = 0;

    constructor(bytes) {
        this.#bytes = bytes;
    }

    take(length) {
        if (this.#bytes.length - this.#at < length) throw new NoTicket();
        this.#at += length;
        return this.#bytes.subarray(this.#at - length, this.#at);
    }

    exactly(expected) {
        const found = this.take(expected.length);
        if (expected.some((byte, i) => byte !== found[i])) throw new NoTicket();
    }

    oneOf(all) {
        const found = this.take(all[0].length);
        if (!all.some((expected) => expected.every((byte, i) => byte === found[i]))) throw new NoTicket();
        return found;
    }

    // Refuses heads with a shorter form, and values above `most`.
    head(type, most) {
        const [first] = this.take(1);
        if (first >> 5 !== type || (first & 31) > 27) throw new NoTicket();
        const more = (first & 31) < 24 ? 0 : 1 << ((first & 31) - 24);
        const value = this.take(more).reduce((sum, byte) => sum * 256 + byte, more ? 0 : first & 31);
        if (value > most || head(type, value).length !== 1 + more) throw new NoTicket();
        return value;
    }

    end() {
        if (this.#at !== this.#bytes.length) throw new NoTicket();
    }
}

function readPayload(payload) {
    const reader = new Reader(payload);
    reader.exactly(map3Audience);
    const event = new TextDecoder().decode(reader.take(reader.head(TEXT_STRING, SLUG_MOST)));
    reader.exactly(expiryKey);
    const expiresAt = reader.head(UNSIGNED, EXPIRY_MOST) * 1000;
    reader.exactly(idKey);
    const id = toUuid(reader.take(16));
    reader.end();
    if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(event)) throw new NoTicket();
    return { event, expiresAt, id };
}

function readToken(bytes) {
    const reader = new Reader(bytes);
    reader.exactly(tag18Array4);
    const algorithm = reader.oneOf(protectedUntilKid);
    const kid = reader.take(4);
    reader.exactly(unprotectedHeader);
    const payload = reader.take(reader.head(BYTE_STRING, BYTES_MOST));
    reader.exactly(signatureHead);
    const signature = reader.take(64);
    reader.end();
    const message = Uint8Array.from([...array4Signature1, ...algorithm, ...kid,
        ...noExternalData, ...head(BYTE_STRING, payload.length), ...payload]);
    return { kid: toHex(kid), message, signature, claims: readPayload(payload), bytes };
}

// Bytes of exactly this form → {kid, message, signature, claims, bytes}, or null.
export function parseTicket(bytes) {
    try {
        return bytes && readToken(bytes);
    } catch (error) {
        if (error instanceof NoTicket) return null;
        throw error;
    }
}

// What shows nothing, and hyphens: a ticket that is given in pieces has them.
const skipped = /[\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800\u2010-\u2015-]/gu;
const symbology = /^\][a-z][0-9a-z]/i; // what a scanner says first of the kind of code (ISO/IEC 15424)
const encoding = /\\\d{6}/g; // it may tell the encoding too (AIM ECI)
// What people put around a ticket in a text: quotes, brackets, the end of a sentence.
const around = '"\'`*_~()[{}<>.,;:!?«»‘-‟‹›。「」！，．';
const before = new RegExp(`^[${around.replace('[', '\\[')}]+`);
const behind = new RegExp(`[${around.replace('[', '\\[\\]')}]+$`);

// → the ticket's characters in what scanners and people give, as ticket_read() of the service finds them
function findToken(given) {
    const start = /\/tickets\//i.exec(given);
    const text = start ? given.slice(start.index + start[0].length) : given;
    const shown = text.replace(skipped, '');
    const whole = (start ? shown : shown.replace(before, '')).replace(symbology, '').replace(encoding, '');
    return start ? /^[a-z0-9]*/i.exec(whole)[0] : whole.replace(behind, '');
}

const exchange = { y: 'z', z: 'y', Y: 'Z', Z: 'Y' };

async function readOnce(text, verify) {
    const token = parseTicket(decodeBase32(text));
    if (!token) return { status: 'unknown' };
    const isGood = await verify(token.kid, token.message, token.signature);
    return { status: isGood ? 'genuine' : 'forged', ...token };
}

// verify(kid, message, signature) → a promise: whether the signature is valid.
// → {status: "genuine" | "forged" | "unknown", text (the token alone), looksLikeOurs, and for the first
//   two: claims {id, event, expiresAt (ms)}, kid, bytes (the COSE)}
export async function readTicket(scanned, verify) {
    const isLong = new TextEncoder().encode(scanned).length > GIVEN_MOST;
    const text = isLong ? '' : findToken(scanned);
    const looksLikeOurs = /^2KCE/i.test(text);
    if (isLong || text.length > TEXT_MOST) return { status: 'unknown', text, looksLikeOurs: false };
    const first = await readOnce(text, verify);
    const exchanged = text.replace(/[yz]/gi, (letter) => exchange[letter]);
    if (first.status === 'genuine' || exchanged === text) return { ...first, text, looksLikeOurs };
    const again = await readOnce(exchanged, verify);
    const isBetter = first.status === 'unknown' || again.status === 'genuine';
    return { ...(isBetter ? again : first), text, looksLikeOurs };
}
