// People who are signed in at the desk.
import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';

// → the path of a link that signs this account in
export async function signInLink(house, email) {
    return new URL((await house.mustCommand(['account', 'link', email])).trim()).pathname;
}

// Signs an account in by a link. An account of this role is made unless there is one.
// organiser: its slug; event: a slug, for a role in one event only.
// → {email, cookie, headers (for house.http), enter(context) (for a browser's context)}
export async function signIn(house, { role = 'manager', organiser = 'biosaxony', event,
    email = `${role}-${randomUUID().slice(0, 8)}@example.org` } = {}) {
    const only = event === undefined ? [] : ['--event', event];
    await house.mustCommand(['account', 'add', email, '--organiser', organiser, '--role', role, ...only]);
    const answer = await house.http.post(await signInLink(house, email), { form: {} });
    assert.equal(answer.status, 303, answer.body);
    const [cookie] = answer.headers['set-cookie'][0].split(';');
    const [name, value] = cookie.split('=');
    const enter = (context) =>
        context.addCookies([{ name, value, url: house.service.url, httpOnly: true, sameSite: 'Lax' }]);
    return { email, cookie, headers: { cookie }, enter };
}

// → the code that an authenticator app shows (RFC 6238) for a secret in base32, some steps of 30 s from now
export function totp(secret, steps = 0) {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    const bits = [...secret.replaceAll(' ', '')].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0'));
    const key = Buffer.from(bits.join('').match(/.{8}/g).map((byte) => parseInt(byte, 2)));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
    const mac = createHmac('sha1', key).update(counter).digest();
    const at = mac.at(-1) & 15;
    return String((mac.readUInt32BE(at) & 0x7fffffff) % 1e6).padStart(6, '0');
}
