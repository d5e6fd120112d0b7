// Search for guests without a ticket, by three letters of a name or company, to admit them or let them
// out.
import { button, el, freshId } from './dom.js';
import { openPanel, problem } from './panel.js';
import { clock, t } from './words.js';

const LETTERS = 3;
const PAUSE_MS = 180;

// → {words, tone} for a guest's state.
function standing({ status, present, admitted_at: since, event_cancelled: isOff }, zone) {
    if (status !== 'confirmed') return { words: t(`search.${status}`), tone: 'stop' };
    if (isOff) return { words: t('verdict.event_cancelled.title'), tone: 'stop' };
    if (present) return { words: t('search.inside', { since: since && clock(since, zone) }), tone: 'look' };
    if (since) return { words: t('search.was_inside', { since: clock(since, zone) }), tone: 'look' };
    return { words: t('search.expected'), tone: 'go' };
}

// What tells the guest from namesakes, if it is needed: \u2060 and \u2011 keep each in one line.
const apart = ({ masked_email: email, number }) => [email?.replace('@', '\u2060@'),
    number && t('search.ticket', { ticket: number.replace('-', '\u2011') })];

// The service sends the number of a ticket where it is needed, the phone's own list always.
const looksOf = ({ name, ticket_type: type, answers }) => JSON.stringify([name, type, answers]);

function tellApart(people) {
    const looks = people.map(looksOf);
    return people.map(({ number, ...person }, i) =>
        (looks.some((other, j) => j !== i && other === looks[i]) ? { ...person, number } : person));
}

export class People {
    #asked = 0;
    #pause = null;

    // admit(person, direction): scans by the person; out: whether to offer going out first
    constructor(door, { admit, walkIn, unticketed, zone }) {
        Object.assign(this, { door, admit, walkIn, unticketed, zone });
    }

    open() {
        const id = freshId('search');
        this.field = el('input', { id, type: 'search', autocomplete: 'off', autocapitalize: 'words',
            spellcheck: 'false', autofocus: true, enterkeyhint: 'search',
            'aria-describedby': `${id}-hint`, input: () => this.#typed() });
        this.results = el('div', { class: 'results' });
        this.said = el('p', { class: 'hint', role: 'status' });
        this.panel = openPanel(t('search.title'), [
            el('div', { class: 'field' },
                el('label', { for: id }, t('search.label')),
                el('p', { class: 'hint', id: `${id}-hint` }, t('search.hint')),
                this.field),
            this.said, this.results,
        ], { closed: () => clearTimeout(this.#pause), discreet: true });
    }

    #typed() {
        clearTimeout(this.#pause);
        this.#pause = setTimeout(() => this.#ask(), PAUSE_MS);
    }

    // Ignores an answer to an outdated search.
    async #ask() {
        const number = ++this.#asked;
        const wanted = this.field.value.trim();
        if ([...wanted].length < LETTERS) {
            this.said.textContent = '';
            this.results.replaceChildren();
            return;
        }
        try {
            const { attendees, listAt } = await this.door.search(wanted);
            if (number === this.#asked) this.#draw(listAt ? tellApart(attendees) : attendees, listAt);
        } catch (error) {
            if (number !== this.#asked) return;
            this.said.textContent = '';
            this.results.replaceChildren(error.later ? this.#withoutNetwork(t('unticketed.search_waits')) : problem(error));
        }
    }

    // listAt: the time of the phone's list, if there is no network
    #draw(people, listAt) {
        const words = [people.length > 0 && t('search.found', { n: people.length }),
            listAt && t('search.offline', { at: clock(listAt, this.zone()) })];
        this.said.textContent = words.filter(Boolean).join(' · ');
        this.results.replaceChildren(...people.map((person) => this.#card(person)));
        if (people.length === 0)
            this.results.append(listAt ? this.#withoutNetwork(t('search.none_offline')) : this.#nobody());
    }

    #nobody() {
        return el('div', { class: 'empty', role: 'status' }, el('p', {}, t('search.none')),
            button(t('scan.walk_in'), { image: 'add', class: 'quiet', click: () => this.#leaveTo(this.walkIn) }));
    }

    #withoutNetwork(words) {
        return el('div', { class: 'empty', role: 'status' }, el('p', {}, words),
            button(t('unticketed.title'), { image: 'add', class: 'quiet', click: () => this.#leaveTo(this.unticketed) }));
    }

    #leaveTo(other) {
        const name = this.field.value.trim();
        this.panel.close();
        other(name);
    }

    #card(person) {
        const { words, tone } = standing(person, this.zone());
        const heading = freshId('person');
        return el('article', { class: 'result', 'aria-labelledby': heading },
            el('h3', { id: heading, dir: 'auto' }, person.name),
            el('p', { class: `status status-${tone}` }, words),
            el('p', { class: 'result-type' }, [person.ticket_type_title,
                ...(person.answers ?? []).map(({ text }) => text), ...apart(person)].filter(Boolean).join(' · ')),
            el('div', { class: 'result-acts' }, this.#act(person, person.present ? 'out' : 'in', heading),
                this.#act(person, person.present ? 'in' : 'out', heading, 'quiet')));
    }

    #act(person, direction, heading, looks = '') {
        const words = t(direction === 'in' ? 'search.admit' : 'search.leave');
        return button(words, { image: direction, class: looks, 'aria-describedby': heading, click: () => {
            this.panel.close();
            this.admit(person, direction);
        } });
    }
}

