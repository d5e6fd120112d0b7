// Registers a walk-in on one screen: name, address, ticket type if there are several, and what the
// event needs at the door. A full event is said before anything is typed. Retries use the same key, so
// nobody is registered twice.
import { button, el } from './dom.js';
import { consentField, fieldFor } from './fields.js';
import { askReason } from './force.js';
import { openPanel, problem } from './panel.js';
import { language, t, text } from './words.js';

const freshKey = () => crypto.randomUUID?.() ??
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

// Of questions or consents; a walk-in is asked nothing else.
const neededOf = (list) => (list ?? []).filter(({ needed_at_door: isNeeded }) => isNeeded)
    .map((one) => ({ ...one, required: true }));

const isFull = ({ registration, ticket_types: types = [] }) =>
    registration?.places_at_door === 0 || (types.length > 0 && types.every(({ places_at_door: left }) => left === 0));

export class WalkIn {
    // admit(person): checks the new guest in; unticketed(name): goes on without network
    constructor(door, { admit, unticketed, role }) {
        Object.assign(this, { door, admit, unticketed, role });
    }

    async open(name = '') {
        this.key = freshKey();
        this.over = null;
        this.trouble = el('div', {});
        this.panel = openPanel(t('walk_in.title'),
            [this.trouble, el('p', { class: 'hint', role: 'status' }, t('wait'))], { keeps: true });
        try {
            const event = await this.door.walkInForm();
            if (isFull(event)) this.panel.body.replaceChildren(this.#full(() => this.#build(event, name)));
            else this.#build(event, name);
        } catch (error) {
            if (!error.later) return this.panel.body.replaceChildren(problem(error));
            this.panel.close();
            this.unticketed(name);
        }
    }

    #build(event, name) {
        const types = event.ticket_types ?? [];
        this.language = event.languages?.includes(language) === false ? event.languages[0] : language;
        this.name = fieldFor({ slug: 'name', label: t('walk_in.name'), kind: 'text', required: true });
        this.email = fieldFor({ slug: 'email', label: t('walk_in.email'), kind: 'email',
            required: event.registration?.email_needed_at_door === true });
        this.type = types.length < 2 ? null : fieldFor({ slug: 'ticket_type', label: t('walk_in.type'), kind: 'choice',
            required: true, choices: types.map(({ slug, title, places_at_door: left }) =>
                ({ slug, label: left === 0 && !this.over ? t('walk_in.type_full', { type: text(title) }) : title })) });
        this.questions = neededOf(event.questions)
            .map((question) => Object.assign(fieldFor(question), { shownIf: question.shown_if }));
        this.consents = neededOf(event.consents).map(consentField);
        this.name.controls[0].value = name;
        const free = this.over ? 0 : types.findIndex(({ places_at_door: left }) => left !== 0);
        if (this.type?.controls[0].type === 'radio') this.type.controls[Math.max(free, 0)].checked = true;
        this.form = el('form', { novalidate: true, submit: (sent) => this.#submit(sent), change: () => this.#show() },
            this.fields.map(({ element }) => element),
            el('div', { class: 'actions' }, this.send = el('button', { type: 'submit' }, t('walk_in.send'))));
        if (this.over) this.trouble.replaceChildren(el('p', { class: 'notice notice-look' },
            t('walk_in.over_given', { reason: this.over })));
        this.panel.body.replaceChildren(this.trouble, this.form);
        this.#show();
        this.name.focus();
    }

    get fields() {
        return [this.name, this.email, this.type, ...this.questions, ...this.consents].filter(Boolean);
    }

    // A dependent question is asked if its condition holds. It is never asked if the other question is
    // not on this form.
    #applies({ shownIf }) {
        if (!shownIf) return true;
        const [[slug, wanted]] = Object.entries(shownIf);
        const field = this.questions.find((one) => one.slug === slug);
        const value = field && this.#applies(field) ? field.value() : undefined;
        return Array.isArray(value) ? value.includes(wanted) : value === wanted;
    }

    #show() {
        for (const question of this.questions) question.element.hidden = !this.#applies(question);
    }

    get asked() {
        return this.fields.filter(({ element }) => !element.hidden);
    }

    #missing(field) {
        if (!field.required) return '';
        if (field.consent) return field.value() ? '' : t('walk_in.consent_missing');
        return field.value() === undefined ? t('walk_in.missing') : '';
    }

    // → whether all required fields are filled in
    #complete() {
        for (const field of this.asked) field.refuse(this.#missing(field));
        return this.#focusWrong();
    }

    #focusWrong() {
        const wrong = this.asked.find(({ error }) => !error.hidden);
        wrong?.focus();
        return !wrong;
    }

    #body() {
        const answers = this.questions.filter((field) => !field.element.hidden)
            .map((field) => [field.slug, field.value()]).filter(([, value]) => value !== undefined);
        return {
            name: this.name.value(), email: this.email.value(), language: this.language,
            ...this.type ? { ticket_type: this.type.value() } : {},
            answers: Object.fromEntries(answers),
            consents: this.consents.filter((field) => field.value()).map(({ slug, version }) => ({ consent: slug, version })),
            ...this.over ? { over_capacity: true, reason: this.over } : {},
        };
    }

    async #submit(event) {
        event?.preventDefault();
        if (!this.#complete() || this.send.disabled) return;
        this.send.disabled = true;
        try {
            const { attendees: [person] } = await this.door.walkIn(this.#body(), this.key);
            this.panel.close();
            this.admit({ ...person, name: person.name ?? this.name.value() }, 'in');
        } catch (error) {
            this.#refused(error);
        } finally {
            this.send.disabled = false;
        }
    }

    // Shows errors at their fields and keeps the input. A changed form needs a new key. The key stays
    // the same if it is unknown whether the request arrived.
    #refused(error) {
        if (!error.later) this.key = freshKey();
        this.trouble.replaceChildren(...error.code === 'sold_out' ? [this.#full(() => this.#submit())]
            : [problem(error), error.later && this.#unticketed()].filter(Boolean));
        for (const { pointer, detail } of error.errors ?? []) {
            const slug = pointer.split('/').at(-1);
            const field = this.asked.find((one) => one.slug === slug) ??
                (pointer.startsWith('/consents') ? this.consents[0] : null);
            field?.refuse(detail);
        }
        if (this.#focusWrong()) this.trouble.scrollIntoView({ block: 'nearest' });
    }

    #unticketed() {
        return button(t('unticketed.title'), { class: 'quiet', click: () => {
            this.panel.close();
            this.unticketed(this.name.value());
        } });
    }

    // then(): goes on with the reason for one more
    #full(then) {
        const staff = this.role() === 'staff';
        return el('div', { class: 'notice notice-look', role: 'alert' },
            el('h3', {}, t('walk_in.full')),
            el('p', {}, t(staff ? 'walk_in.full_staff' : 'walk_in.full_detail')),
            staff && button(t('walk_in.over'), { class: 'quiet', click: () => this.#over(then) }));
    }

    async #over(then) {
        const reason = await askReason(t('walk_in.over'), t('walk_in.over_detail'), ['staff', 'invited', 'room']);
        if (reason === null) return;
        this.over = reason;
        then();
    }
}

