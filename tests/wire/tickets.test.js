// Independent libraries read the ticket of docs/tickets.md, so others can build their own scanner.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createPublicKey } from 'node:crypto';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { blake2b } from '@noble/hashes/blake2b';
import { Decoder } from 'cbor-x';

// Not imported: its ES modules name exports that Node 18 cannot find.
const { Sign1 } = createRequire(import.meta.url)('@auth0/cose');

const vector = JSON.parse(readFileSync(new URL('../../docs/ticket-vector.json', import.meta.url)));
const [jwk] = vector.jwks.keys;
const key = createPublicKey({ key: jwk, format: 'jwk' });

// RFC 4648 section 6, without padding.
function fromBase32(text) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...text].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  return Uint8Array.from(bits.match(/.{8}/g), (byte) => parseInt(byte, 2));
}

function toUuid(bytes) {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const bytes = fromBase32(vector.token);

test('a COSE library verifies a ticket with the published key and nothing else', async () => {
  assert.equal(bytes[0], 0xd2, 'tagged as COSE_Sign1');
  await Sign1.decode(bytes).verify(key, { algorithms: [-8] });
});

test('the JWK set names the algorithm so that a JOSE library finds the key', async () => {
  const { createLocalJWKSet } = createRequire(createRequire(import.meta.url).resolve('@auth0/cose'))('jose');
  const find = (alg) => createLocalJWKSet({ keys: [{ ...jwk, alg }] })({ alg: 'EdDSA', kid: jwk.kid });
  assert.equal((await find(jwk.alg)).type, 'public');
  await assert.rejects(find('Ed25519'), { code: 'ERR_JWKS_NO_MATCHING_KEY' }, 'the control: the name of -19 hides the key');
});

test('the claims are a CWT: ticket id, event and expiry', () => {
  const claims = new Decoder({ mapsAsObjects: false }).decode(Sign1.decode(bytes).payload);
  assert.deepEqual([...claims.keys()], [3, 4, 7]);
  assert.equal(claims.get(3), vector.claims.aud);
  assert.equal(claims.get(4), vector.claims.exp);
  assert.equal(toUuid(claims.get(7)), vector.claims.cti);
});

test('the kid is the start of the BLAKE2b-256 hash of the public key', () => {
  const publicKey = Buffer.from(jwk.x, 'base64url');
  const kid = Buffer.from(blake2b(publicKey, { dkLen: 32 }).subarray(0, 4)).toString('hex');
  assert.equal(jwk.kid, kid);
  assert.equal(Buffer.from(Sign1.decode(bytes).kid).toString('hex'), kid);
});

test('a ticket with any bit of its signature or its claims flipped is refused', async () => {
  const payloadAt = Buffer.from(bytes).indexOf(Buffer.from(Sign1.decode(bytes).payload));
  const slugAt = payloadAt + 3; // behind the map, its first key and the head of the text
  const flipped = [slugAt, bytes.length - 64, bytes.length - 32, bytes.length - 1];
  for (const at of flipped) {
    for (let bit = 0; bit < 8; bit++) {
      const forged = Uint8Array.from(bytes);
      forged[at] ^= 1 << bit;
      await assert.rejects(
        Sign1.decode(forged).verify(key),
        { code: 'ERR_COSE_SIGNATURE_VERIFICATION_FAILED' },
        `byte ${at}, bit ${bit}`);
    }
  }
});

test('a ticket fits a QR code of version 8 at level M and needs only its alphanumeric mode', () => {
  assert.match(vector.token, /^2KCE[A-Z2-7]+$/);
  assert.ok(vector.token.length <= 221);
});
