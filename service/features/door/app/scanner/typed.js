// Hand scanners type codes like a keyboard: fast, with Enter, Tab or nothing at the end. People type
// more slowly; their typing is left alone.

const slowestMs = { anywhere: 100, inField: 50 }; // per key on average
const OVER_AFTER_MS = 160; // without a further key
const TICKET_OVER_AFTER_MS = 500; // for the start of a ticket: a busy phone delivers keys late
const SHORTEST = 8; // least characters of a code without a focused field
const SHORTEST_TICKET = 100;
const SURELY = 12; // characters after which a burst in a field counts as a ticket

// The start of every ticket (docs/tickets.md).
const ticket = /^2KCE[A-Z2-7]*$/i;
const pasted = /2KCE[A-Z2-7]{96,}/i;

const unspoken = new Set(['Shift', 'CapsLock', 'AltGraph', 'NumLock', 'Fn', 'Dead', 'Process']);

// The character of a key on the US keyboard, the scanners' default; '' for other keys.
function factoryCharacter(code) {
    return /^(?:Key([A-Z])|(?:Digit|Numpad)([0-9]))$/.exec(code)?.slice(1).join('') ?? '';
}

const plainInputs = new Set(['button', 'checkbox', 'color', 'file', 'image', 'radio', 'range', 'reset', 'submit']);

// The element that receives the typing, or null.
function fieldOf(element) {
    if (!element) return null;
    if (element.isContentEditable || ['TEXTAREA', 'SELECT'].includes(element.tagName)) return element;
    return element.tagName === 'INPUT' && !plainInputs.has(element.type) ? element : null;
}

class Burst {
    keys = '';
    codes = '';
    count = 0;
    isTaken = false; // the page gets no further keys

    constructor(field, at) {
        Object.assign(this, { field, at, lastAt: at });
        this.before = field && (field.isContentEditable ? field.textContent : field.value);
        this.caret = field?.selectionStart ?? null;
        this.caretEnd = field?.selectionEnd ?? null;
    }

    add({ key, code }, at) {
        this.keys += key;
        this.codes += factoryCharacter(code);
        this.count++;
        this.lastAt = at;
    }

    get pace() {
        return this.count > 1 ? (this.lastAt - this.at) / (this.count - 1) : Infinity;
    }

    get overAfter_ms() {
        return this.count > 4 && ticket.test(this.text) ? TICKET_OVER_AFTER_MS : OVER_AFTER_MS;
    }

    get isFast() {
        return this.pace < (this.field ? slowestMs.inField : slowestMs.anywhere);
    }

    // The typed code. If it is no ticket in the browser's layout, the US layout is used.
    get text() {
        return !ticket.test(this.keys) && ticket.test(this.codes) ? this.codes : this.keys;
    }

    get isCode() {
        if (!this.isFast) return false;
        if (!this.field) return this.count >= SHORTEST;
        return ticket.test(this.text) && this.count >= SHORTEST_TICKET;
    }

    // Whether to keep further keys from the page.
    get wantsTaking() {
        if (!this.isFast) return false;
        return this.field ? this.count >= SURELY && ticket.test(this.text) : this.count > 2;
    }
}

function write(field, value, caret, caretEnd) {
    if (field.isContentEditable) field.textContent = value;
    else field.value = value;
    if (caret !== null && caret !== undefined) field.setSelectionRange(caret, caretEnd ?? caret);
    field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertReplacementText' }));
}

// Puts the keys back into the field if the burst was no ticket.
function giveBack({ field, before, caret, caretEnd, keys }) {
    const at = caret ?? before.length;
    write(field, before.slice(0, at) + keys + before.slice(caretEnd ?? at), caret === null ? null : at + keys.length);
}

class Listener {
    #onCode;
    #burst = null;
    #timer;
    #pasteTimer;
    #isWriting = false;

    constructor(onCode) {
        this.#onCode = onCode;
    }

    onKey(event) {
        if (event.isComposing || unspoken.has(event.key)) return;
        const isEnd = event.key === 'Enter' || event.key === 'Tab';
        if (event.repeat || event.metaKey || (event.ctrlKey !== event.altKey) || (!isEnd && event.key.length !== 1)) {
            this.#end();
            return;
        }
        if (isEnd) {
            if (this.#end()) this.#keep(event);
        } else {
            this.#collect(event);
        }
    }

    // Ends the burst. → whether it was a code
    #end() {
        clearTimeout(this.#timer);
        const burst = this.#burst;
        this.#burst = null;
        if (!burst) return false;
        if (burst.isCode) {
            this.#onCode(burst.text);
            return true;
        }
        if (burst.isTaken && burst.field) this.#write(() => giveBack(burst));
        return false;
    }

    #collect(event) {
        const at = event.timeStamp, field = fieldOf(event.composedPath()[0] ?? event.target);
        const burst = this.#burst;
        if (!burst || field !== burst.field || at - burst.lastAt > burst.overAfter_ms ||
            (!burst.isTaken && burst.count > 1 && !burst.isFast)) {
            this.#end();
            this.#burst = new Burst(field, at);
        }
        this.#burst.add(event, at);
        if (!this.#burst.isTaken && this.#burst.wantsTaking) this.#take(this.#burst);
        if (this.#burst.isTaken) this.#keep(event);
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#end(), this.#burst.overAfter_ms);
    }

    #take(burst) {
        burst.isTaken = true;
        const { field, before, caret, caretEnd } = burst;
        if (field) this.#write(() => write(field, before, caret, caretEnd));
    }

    #keep(event) {
        event.preventDefault();
        event.stopImmediatePropagation();
    }

    #write(work) {
        this.#isWriting = true;
        work();
        this.#isWriting = false;
    }

    // On-screen keyboards, and scanners that act as one, name no keys. Tickets can also be pasted.
    onInput({ target }) {
        if (this.#isWriting || typeof target.value !== 'string' || !fieldOf(target)) return;
        clearTimeout(this.#pasteTimer);
        if (!pasted.test(target.value)) return;
        this.#pasteTimer = setTimeout(() => this.#takeOut(target), OVER_AFTER_MS);
    }

    #takeOut(field) {
        const found = pasted.exec(field.value);
        if (!found) return;
        const rest = field.value.slice(0, found.index) + field.value.slice(found.index + found[0].length);
        this.#write(() => write(field, rest, null));
        this.#onCode(found[0]);
    }

    stop() {
        clearTimeout(this.#timer);
        clearTimeout(this.#pasteTimer);
    }
}

// target: the window; onCode(text): called for each code. → a function to stop listening
export function listenForTyping(target, onCode) {
    const listener = new Listener(onCode);
    const stop = new AbortController();
    const options = { capture: true, signal: stop.signal };
    target.addEventListener('keydown', (event) => listener.onKey(event), options);
    target.addEventListener('input', (event) => listener.onInput(event), options);
    return () => {
        stop.abort();
        listener.stop();
    };
}
