// The guests' names, readable, so that the phone finds them without network. They are on this phone only
// if the organiser lets it keep them, until the event is over: session.js decides that.
//
//   {digest (of the record in guests), round, person: {id, name, ticket_type, ticket_type_title, answers,
//    ticket (its id), number (of the ticket), known_by (folded)}}
import { numberOf, wordsOf } from './fold.js';

const FOUND_MOST = 20;

export class Names {
    #store;
    #all = null; // a promise of the records
    #count = 0;

    constructor(store) {
        this.#store = store;
    }

    async load() {
        this.#all = null;
        this.#count = await this.#store.count('names');
    }

    get count() {
        return this.#count;
    }

    // → people, those whose name has it first
    async search(query) {
        this.#all ??= this.#store.getAll('names');
        const number = numberOf(query);
        const words = number ? [number] : wordsOf(query);
        const hasAll = (text) => words.every((word) => text.includes(word));
        const found = ((await this.#all) ?? []).map(({ person }) => person)
            .filter(({ known_by: text }) => words.length > 0 && hasAll(text));
        const isByName = ({ known_by: text }) => hasAll(text.split('\n', 1)[0]);
        return found.sort((a, b) => isByName(b) - isByName(a) || a.name.localeCompare(b.name))
            .slice(0, FOUND_MOST);
    }

    async forget() {
        this.#count = 0;
        this.#all = null;
        await this.#store.write(['names'], (names) => names.clear()).catch(() => {}); // the store reports it
    }
}
