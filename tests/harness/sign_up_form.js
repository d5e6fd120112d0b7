// The sign-up form over HTTP, as a browser without JavaScript sends it.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

export const LEAST_MS = 2000; // a form sent sooner must be sent again

// → the values of a page's form by name: texts and chosen options
export function fieldsOf(html) {
    const fields = {};
    const decode = (text) => text.replace(/&(amp|lt|gt|quot|#39);/g,
        (all, name) => ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" })[name]);
    for (const [tag] of html.matchAll(/<input\b[^>]*>/g)) {
        const attribute = (name) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1];
        const [name, type] = [attribute('name'), attribute('type')];
        if (/radio|checkbox/.test(type) && !/ checked/.test(tag)) continue;
        fields[name] = decode(attribute('value') ?? '');
    }
    for (const [, name, inner] of html.matchAll(/<textarea\b[^>]*name="([^"]+)"[^>]*>\n?([^<]*)</g))
        fields[name] = decode(inner);
    for (const [, name, inner] of html.matchAll(/<select\b[^>]*name="([^"]+)"[^>]*>([\s\S]*?)<\/select>/g))
        fields[name] = /value="([^"]*)"[^>]* selected/.exec(inner)?.[1] ?? '';
    return fields;
}

class SignUpForm {
    constructor(http, path, page) {
        Object.assign(this, { http, path, page, opened: Date.now() });
        assert.equal(page.status, 200, page.body);
        this.stamp = fieldsOf(page.body).idempotency_key;
    }

    // → the fields of the page with changes; undefined removes a field
    fields(changes = {}, html = this.page.body) {
        return Object.entries({ ...fieldsOf(html), ...changes }).flatMap(([name, value]) =>
            (value === undefined ? [] : [value].flat().map((one) => [name, one])));
    }

    // Waits for LEAST_MS.
    async ripen() {
        await sleep(Math.max(0, this.opened + LEAST_MS + 20 - Date.now()));
        return this;
    }

    // Sends these fields at once.
    post(form, options) {
        return this.http.post(this.path, { form, ...options });
    }

    // Sends the page's fields with these changes, after LEAST_MS.
    async send(changes, options) {
        await this.ripen();
        return await this.post(this.fields(changes), options);
    }
}

// query: "?code=…"; language of the page.
export async function openForm(house, event, { query = '', language = 'en' } = {}) {
    const path = `/events/${event}/register`;
    const headers = { 'accept-language': language };
    return new SignUpForm(house.http, path, await house.http.get(`${path}${query}`, { headers }));
}
