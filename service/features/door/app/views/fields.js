// Form fields by kind of question, like those of the service's sign-up form.
import { el, freshId } from './dom.js';
import { language, t, text } from './words.js';

const inputs = {
    text: { type: 'text' }, email: { type: 'email', inputmode: 'email' }, phone: { type: 'tel', inputmode: 'tel' },
    number: { type: 'number', inputmode: 'decimal', step: 'any' },
    date: { type: 'date', min: '1900-01-01', max: '2199-12-31' },
};

// Codes with a name in browsers that ISO 3166-1 does not assign.
const noCountries = new Set(['AC', 'CP', 'CQ', 'DG', 'EA', 'EU', 'EZ', 'IC', 'QO', 'TA', 'UN', 'XA', 'XB', 'XK', 'ZZ',
    'AN', 'BU', 'CS', 'DD', 'DY', 'FQ', 'FX', 'HV', 'JT', 'MI', 'NH', 'NQ', 'NT', 'PC', 'PU', 'PZ', 'RH', 'SU',
    'TP', 'UK', 'VD', 'WK', 'YD', 'YU', 'ZR']);

function countries() {
    const names = new Intl.DisplayNames([language], { type: 'region', fallback: 'none' });
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
    const all = letters.flatMap((first) => letters.map((second) => first + second))
        .filter((code) => !noCountries.has(code))
        .map((slug) => ({ slug, label: names.of(slug) }))
        .filter(({ label }) => label);
    return all.sort((a, b) => a.label.localeCompare(b.label, language));
}

// A label, an error text and a control. value(): in the API's form, or undefined.
class Field {
    constructor({ slug, label, hint, required = false }) {
        this.slug = slug;
        this.required = required;
        this.id = freshId('field');
        this.error = el('p', { class: 'field-error', id: `${this.id}-error`, hidden: true });
        this.label = [text(label), !required && el('span', { class: 'optional' }, ` ${t('walk_in.optional')}`)];
        this.hint = text(hint) && el('p', { class: 'hint', id: `${this.id}-hint` }, text(hint));
    }

    get describedBy() {
        return [this.hint && `${this.id}-hint`, `${this.id}-error`].filter(Boolean).join(' ');
    }

    refuse(words) {
        this.error.textContent = words;
        this.error.hidden = !words;
        this.element.classList.toggle('field-wrong', Boolean(words));
        for (const control of this.controls) {
            if (words) control.setAttribute('aria-invalid', 'true');
            else control.removeAttribute('aria-invalid');
        }
    }

    focus() {
        this.controls[0].focus({ preventScroll: true });
        this.element.scrollIntoView({ block: 'nearest' });
    }
}

class OneField extends Field {
    constructor(question, control) {
        super(question);
        control.id = this.id;
        control.setAttribute('aria-describedby', this.describedBy);
        if (this.required) control.setAttribute('aria-required', 'true');
        this.controls = [control];
        this.kind = question.kind;
        this.element = el('div', { class: 'field' },
            el('label', { for: this.id }, this.label), this.hint, this.error, control);
    }

    value() {
        const { value } = this.controls[0];
        if (value.trim() === '') return undefined;
        return this.kind === 'number' ? Number(value) : value.trim();
    }
}

class ChoiceField extends Field {
    // type: 'radio' | 'checkbox'; options: [{value, label}]
    constructor(question, type, options, read) {
        super(question);
        this.read = read;
        this.controls = options.map(({ value }, i) =>
            el('input', { type, id: `${this.id}-${i}`, name: this.id, value: String(value) }));
        this.element = el('fieldset', { class: 'field', 'aria-describedby': this.describedBy },
            el('legend', {}, this.label), this.hint, this.error,
            el('div', { class: options.length < 3 ? 'options options-few' : 'options' },
                this.controls.map((control, i) => el('div', { class: 'choice' }, control,
                    el('label', { for: control.id }, options[i].label)))));
    }

    value() {
        return this.read(this.controls.filter(({ checked }) => checked).map(({ value }) => value));
    }
}

function select(options) {
    return el('select', {}, el('option', { value: '' }, t('walk_in.choose')),
        options.map(({ slug, label }) => el('option', { value: slug }, text(label))));
}

// question: as GET event has it; plus kind 'consent'. → a Field
export function fieldFor(question) {
    const choices = (question.choices ?? []).map(({ slug, label }) => ({ value: slug, label: text(label) }));
    const first = ([one]) => one;
    switch (question.kind) {
    case 'long_text': return new OneField(question, el('textarea', { rows: '3' }));
    case 'country': return new OneField(question, select(countries()));
    case 'choice': return choices.length > 6 ? new OneField(question, select(question.choices))
        : new ChoiceField(question, 'radio', choices, first);
    case 'several': return new ChoiceField(question, 'checkbox', choices, (all) => all.length > 0 ? all : undefined);
    case 'yes_no': return new ChoiceField(question, 'radio',
        [{ value: true, label: t('walk_in.yes') }, { value: false, label: t('walk_in.no') }],
        ([one]) => one === undefined ? undefined : one === 'true');
    default: return new OneField(question,
        el('input', { autocomplete: 'off', ...inputs[question.kind] ?? inputs.text }));
    }
}

// A consent: a checkbox with the consent's text as its label.
export function consentField({ slug, version, label, required }) {
    const field = new ChoiceField({ slug, label: t('walk_in.consent'), required }, 'checkbox',
        [{ value: slug, label: text(label) }], (all) => all.length > 0);
    field.consent = true;
    field.version = version; // of the text that is shown
    return field;
}
