// The sign-up form; finds its fields by their labels.
import assert from 'node:assert/strict';
import { readThrough } from '../harness/browser.js';
import { pattern, words } from '../harness/words.js';

const told = (text, language) => (typeof text === 'string' ? text : text[language]);

export class Form {
    // event: the event file
    constructor(page, event, language = 'en') {
        Object.assign(this, { page, event, language, t: words(language) });
    }

    async open() {
        await this.page.goto(`/events/${this.event.slug}/register`);
        return this;
    }

    get address() {
        return this.page.getByRole('textbox', { name: this.t.register.email }).first();
    }

    // One of several people, counted from 1; without a number the only person.
    person(number) {
        const { attendee_number, about_you } = this.t.register;
        const name = number
            ? new RegExp(`^${attendee_number.replace(/\{\{.*\}\}/, number)}\\b`)
            : pattern(about_you);
        return this.page.getByRole('group', { name });
    }

    name(person = this.person()) {
        return person.getByLabel(this.t.register.name, { exact: true });
    }

    // The field of a question, or the group of its choices.
    question(slug, person = this.person()) {
        const { label } = this.event.questions.find((question) => question.slug === slug);
        const name = told(label, this.language);
        return person.getByRole('group', { name }).or(person.getByLabel(name)).first();
    }

    consent(slug) {
        const { label } = this.event.consents.find((consent) => consent.slug === slug);
        return this.page.getByRole('checkbox', { name: told(label, this.language) });
    }

    lunch(answer, person) {
        return this.question('lunch', person)
            .getByRole('radio', { name: this.t.field[answer], exact: true });
    }

    button(wording) {
        return this.page.getByRole('button', { name: pattern(this.t.register[wording]) }).last();
    }

    // The submit button, whatever its text.
    get end() {
        const { send, send_wait, send_ask } = this.t.register;
        const name = new RegExp([send, send_wait, send_ask].map((text) => pattern(text).source).join('|'));
        return this.page.getByRole('button', { name }).last();
    }

    removal(number) {
        const name = this.t.register.remove.replace(/\{\{.*\}\}/, number);
        return this.page.getByRole('button', { name, exact: true });
    }

    // Opens the field for an access code if it is collapsed.
    async typeCode(code) {
        const field = this.page.locator('input').and(this.page.getByLabel(this.t.register.code));
        if (!await field.isVisible())
            await this.page.getByText(this.t.register.have_code, { exact: true }).click();
        await field.fill(code);
    }

    ticket(title) {
        return this.page.getByRole('radio', { name: new RegExp(`^${title}`) });
    }

    // Fills in the example event's questions for one person.
    async fillPerson({ name, company = 'biosaxony', lunch = 'no' }, person) {
        await this.name(person).fill(name);
        await this.question('company', person).fill(company);
        await this.lunch(lunch, person).check();
    }

    // Fills in the whole form for one person. A plain event asks only for name and address.
    async fill({ email, name }) {
        await this.address.fill(email);
        if (this.event.questions) await this.fillPerson({ name });
        else await this.name().fill(name);
        if (this.event.consents) await this.consent('privacy').check();
    }

    // Waits until the service accepts the form.
    async pause() {
        await readThrough(this.page);
    }

    async send() {
        await this.pause();
        await this.end.click();
    }
}

// → the outcome by the page's first heading: 'confirmed', 'waitlisted', …
export async function outcome(page, language = 'en') {
    const t = words(language).registration;
    await page.waitForURL(/\/registrations\//).catch(async (error) => {
        error.message += `\nThe page says:\n${await page.getByRole('main').innerText()}`;
        throw error;
    });
    const heading = (await page.getByRole('heading', { level: 1 }).textContent()).trim();
    const status = ['confirmed', 'waitlisted', 'pending', 'unverified', 'cancelled']
        .find((name) => t[name] === heading);
    assert.ok(status, `an outcome nobody knows: ${heading}`);
    return status;
}
