// The door app: passes codes from camera and hand scanner to the engine, and its verdicts to the
// screens. It shows one screen at a time: pairing, scanning or kiosk.
import { openDoor } from './engine/door.js';
import { registerWorker } from './install.js';
import { Camera } from './scanner/camera.js';
import { Repeats } from './scanner/repeats.js';
import { listenForTyping } from './scanner/typed.js';
import { button, el } from './views/dom.js';
import { askReason } from './views/force.js';
import { forgetAll, keep, onKept } from './views/keeping.js';
import { Kiosk } from './views/kiosk.js';
import { kioskLocked, lock } from './views/kiosk_lock.js';
import { openConflicts, openRecent, openRefused } from './views/lists.js';
import { Menu } from './views/menu.js';
import { closePanels, confirmed, filledIn, onPanels, openPanel, panelOpen, problem } from './views/panel.js';
import { isCode, Pairing } from './views/pairing.js';
import { People } from './views/people.js';
import { isPracticeTicket, PracticeDoor, practising } from './views/practice.js';
import { Scanning } from './views/scanning.js';
import { signal, unlockSound } from './views/sound.js';
import { Unticketed } from './views/unticketed.js';
import { VerdictView } from './views/verdict_view.js';
import { describe, undone } from './views/verdicts.js';
import { WalkIn } from './views/walk_in.js';
import { stayAwake } from './views/wake.js';
import { assets, language, t, text } from './views/words.js';

const MARKS_KEPT = 2000;

const part = (id) => document.getElementById(id);

// → the part of the address behind "#"; removes it from the address and the history
function takeHash() {
    const { hash, pathname, search } = location;
    if (hash === '') return '';
    history.replaceState(null, '', pathname + search);
    try {
        return decodeURIComponent(hash.slice(1));
    } catch {
        return hash.slice(1); // a bad escape: not a code
    }
}

// Records the time from the decoded picture to the painted verdict, for tests/bench.
function measure(decodedAt, { verdict, decidedBy, nonce }) {
    requestAnimationFrame(() => requestAnimationFrame(() => {
        if (performance.getEntriesByType('measure').length > MARKS_KEPT) {
            performance.clearMarks();
            performance.clearMeasures();
        }
        performance.mark('scan-decoded', { startTime: decodedAt });
        performance.mark('verdict-shown');
        performance.measure('scan', { start: 'scan-decoded', end: 'verdict-shown', detail: { verdict, decidedBy, nonce } });
    }));
}

class App {
    #door;
    #practice = null;
    #repeats = new Repeats();
    #busy = false;
    #deciding = null;
    #line = Promise.resolve();

    constructor(door) {
        this.#door = door;
        this.video = el('video', { playsinline: true, autoplay: true, 'aria-hidden': 'true', tabindex: '-1' });
        this.video.muted = true;
        this.camera = new Camera(this.video, { assets: assets() });
        this.camera.addEventListener('code', ({ detail }) => this.#seen(detail));
        this.camera.addEventListener('trouble', ({ detail }) => this.#looking.showTrouble(detail.reason));
        this.camera.addEventListener('well', () => this.#looking.showTrouble(null));
        this.verdict = new VerdictView(part('verdict'), part('said'), { onGone: () => this.scanning.cover(false) });
        this.pairing = new Pairing(part('screen'), door, { onPaired: () => this.#changed() });
        this.scanning = this.#scanningScreen();
        this.kiosk = new Kiosk(part('kiosk'), { ...this.#eyes(), said: part('said'), onLeave: () => this.start() });
        this.#listen();
    }

    // The real door or the practice door.
    get door() {
        return this.#practice ?? this.#door;
    }

    get #zone() {
        return this.#door.state.event?.timezone;
    }

    // The screen with the camera's picture.
    get #looking() {
        return this.#inKiosk ? this.kiosk : this.scanning;
    }

    #eyes() {
        return { getState: () => this.door.state, camera: this.camera, video: this.video };
    }

    #scanningScreen() {
        const acts = {
            search: () => this.#people().open(),
            walkIn: () => this.#door.state.network === 'online' || this.#practice ? this.#walkIn().open() : this.#unticketed().open(),
            recent: () => openRecent(this.door, { zone: () => this.#zone, undo: ({ nonce }) => this.door.undo(nonce) }),
            conflicts: () => openConflicts(this.door, { zone: () => this.#zone }),
            refused: () => openRefused(this.door, { zone: () => this.#zone }),
            menu: () => this.#menu().open(),
            turned: () => this.#repeats.forget(),
        };
        return new Scanning(part('screen'), { ...this.#eyes(), acts });
    }

    #listen() {
        this.#door.addEventListener('change', () => this.#changed());
        this.#door.addEventListener('conflict', () =>
            (part('said').textContent = t('scan.conflicts', { n: this.#door.state.conflicts.length })));
        this.#door.addEventListener('forgotten', () => this.#forgotten());
        listenForTyping(window, (text) => this.#typed(text));
        window.addEventListener('hashchange', () => this.#linked());
        onKept((name) => ['kiosk', 'practice'].includes(name) && this.#restart());
        for (const type of ['pointerdown', 'keydown']) document.addEventListener(type, unlockSound);
        onPanels((open) => open ? this.camera.pause() : this.camera.resume());
    }

    get #inKiosk() {
        return this.#door.state.paired && kioskLocked();
    }

    // Shows the screen for the state of this phone.
    async start() {
        const { paired } = this.#door.state;
        this.#setPractice(paired && practising());
        document.body.dataset.screen = !paired ? 'pairing' : this.#inKiosk ? 'kiosk' : 'scanning';
        stayAwake(paired);
        part('screen').hidden = this.#inKiosk;
        if (paired) this.#looking.show();
        else this.pairing.show();
        if (await this.#linked()) return;
        if (paired) await this.#looking.startCamera();
    }

    // Handles a code in the address (/door#CODE) and removes it there. A paired phone asks first; a
    // kiosk ignores it. → true: the phone is another door now
    async #linked() {
        const code = takeHash();
        if (code === '' || this.#inKiosk) return false;
        if (this.#door.state.paired) return isCode(code) && this.#pairAnew(code);
        this.pairing.pair(code);
        return false;
    }

    async #pairAnew(code) {
        const { event, door, device, queued, rejected } = this.#door.state;
        const lost = queued + rejected;
        const now = t('pair.anew_detail', { event: text(event.title), door: text(door.title) });
        const detail = lost > 0 ? `${now} ${t('menu.unpair_queued', { n: lost })}` : now;
        closePanels();
        if (!await confirmed(t('pair.anew'), detail, t('pair.anew_yes'))) return false;
        try {
            await this.#door.pair(code, device.name, { force: lost > 0 });
            return true;
        } catch (error) {
            openPanel(t('pair.anew'), [problem(error)], { small: true });
            return false;
        }
    }

    #setPractice(on) {
        document.documentElement.toggleAttribute('data-practice', on);
        if (on === Boolean(this.#practice)) return;
        this.#practice = on ? new PracticeDoor(this.#door) : null;
        this.#practice?.addEventListener('change', () => this.#changed());
    }

    // Another tab may also pair or unpair this phone.
    #changed() {
        const { paired } = this.#door.state;
        const { screen } = document.body.dataset;
        if (!paired && screen !== 'pairing') this.#leave();
        else if (paired && screen === 'pairing' && !this.pairing.busy) this.start();
        else if (screen === 'scanning') this.scanning.draw();
    }

    #forgotten() {
        if (document.body.dataset.screen === 'pairing') return;
        this.#leave();
        openPanel(t('forgotten.title'), [el('p', {}, t('forgotten.detail'))], { small: true });
    }

    #leave() {
        closePanels();
        this.verdict.dismiss();
        this.kiosk.close();
        this.camera.stop();
        forgetAll();
        this.start();
    }

    // Kiosk or practice mode started or ended, here or in another tab.
    #restart() {
        closePanels();
        this.verdict.dismiss();
        this.kiosk.close();
        this.camera.stop();
        this.start();
    }

    #people() {
        return new People(this.door, {
            admit: (person, direction) => this.#admit(person, direction),
            walkIn: (name) => this.#walkIn().open(name), unticketed: (name) => this.#unticketed().open(name),
            zone: () => this.#zone,
        });
    }

    #walkIn() {
        return new WalkIn(this.door, {
            admit: (person, direction) => this.#admit(person, direction),
            unticketed: (name) => this.#unticketed().open(name),
            role: () => this.#door.state.device.role,
        });
    }

    #unticketed() {
        return new Unticketed({ admit: (given) => this.#admitUnticketed(given) });
    }

    async #admitUnticketed(given) {
        try {
            this.#show(await this.door.admitUnticketed(given), { way: 'in' });
        } catch (error) {
            openPanel(t('unticketed.title'), [problem(error)], { small: true });
        }
    }

    #menu() {
        return new Menu(this.door, {
            cameras: () => this.camera.cameras(),
            conflicts: () => openConflicts(this.door, { zone: () => this.#zone }),
            practice: (on) => {
                keep('practice', on);
                this.#restart();
            },
            kiosk: async (code) => {
                document.documentElement.requestFullscreen?.().catch(() => {}); // the browser may refuse
                await lock(code);
                this.#restart();
            },
        });
    }

    // The camera saw a code. A code that stays in view is one scan. The camera waits during a decision
    // and while a panel is open.
    #seen({ text, decodedAt }) {
        if (!this.#door.state.paired || panelOpen() || (this.#busy && text !== this.#deciding)) return;
        if (this.#repeats.seen(text, performance.now()) || this.#busy) return;
        this.#scan(text, { decodedAt });
    }

    // The hand scanner typed a code. Every code counts, in order, because somebody pulled the trigger.
    #typed(text) {
        const decodedAt = performance.now();
        if (!this.#door.state.paired) return this.pairing.pair(text);
        if (this.#inKiosk && panelOpen()) return;
        if (filledIn()) return this.#first(filledIn());
        closePanels();
        this.#scan(text, { decodedAt });
    }

    // A scan must not close a panel with typed text.
    #first({ body }) {
        signal('look');
        body.querySelector('.panel-first')?.remove();
        body.prepend(el('p', { class: 'notice notice-look panel-first', role: 'alert' }, t('walk_in.first')));
        body.scrollTo(0, 0);
    }

    #admit(person, direction) {
        this.#scan(undefined, { attendee: person.id, person, direction, decodedAt: performance.now() });
    }

    #scan(text, how) {
        this.#line = this.#line.then(() => this.#decide(text, how)).catch(reportError); // go on with the next scan
    }

    async #decide(text, { decodedAt, person, direction, ...options }) {
        const way = direction ?? (this.#inKiosk ? 'in' : this.scanning.direction);
        this.#busy = true;
        this.#deciding = text;
        this.scanning.busy(true);
        let decided;
        try {
            decided = !this.#practice && text !== undefined && isPracticeTicket(text)
                ? { verdict: 'practice_ticket', attendee: null }
                : await this.door.scan(text, { direction: way, ...options });
            this.#show(decided, { text, way, attendee: options.attendee, person });
        } catch (error) {
            decided = { verdict: 'failed', attendee: person ?? null, problem: error.detail };
            this.#show(decided, { text, way });
        } finally {
            this.#busy = false;
            this.scanning.busy(false);
        }
        measure(decodedAt, decided);
    }

    #show(decided, scan) {
        if (!this.#door.state.paired) return;
        if (this.#inKiosk) return this.kiosk.verdict(decided);
        const view = describe(decided, this.#zone, this.#door.state.event);
        this.scanning.cover(true);
        this.verdict.show(view, {
            person: decided.attendee ?? scan.person,
            byPhone: decided.decidedBy === 'phone' && !['not_a_ticket', 'unticketed'].includes(decided.verdict), // nothing to check
            doing: this.#doing(decided, view, scan),
        });
    }

    #doing(decided, view, scan) {
        const staff = this.#door.state.device.role === 'staff';
        const undo = ['admitted', 'left'].includes(decided.verdict) && decided.nonce;
        return [
            undo && { words: t('undo'), image: 'undo', person: true, act: () => this.#undo(decided.nonce) },
            view.force && staff && { words: t('force.open'), image: 'go', person: true,
                act: () => this.#force(decided, scan) },
            view.tone !== 'go' && staff && { words: t('scan.search'), image: 'search', act: () => {
                this.verdict.dismiss();
                this.#people().open();
            } },
        ].filter(Boolean);
    }

    async #force(decided, { text, way, attendee, person }) {
        this.verdict.dismiss();
        const name = decided.attendee?.name ?? person?.name;
        const reason = await askReason(t('force.open'), t('force.detail', { name }));
        if (reason !== null)
            this.#scan(text, { attendee, person, direction: way, force: true, reason, decodedAt: performance.now() });
    }

    async #undo(nonce) {
        this.verdict.dismiss();
        this.#repeats.forget();
        try {
            const { attendee } = await this.door.undo(nonce) ?? {};
            this.verdict.show(undone(), { person: attendee });
        } catch (error) {
            openPanel(t('undo'), [problem(error)], { small: true });
        }
    }
}

// If the storage does not open within this time, the browser is stuck; a reload helps.
const OPENS_WITHIN_MS = 8000;

function open() {
    const late = new Promise((_, reject) => setTimeout(reject, OPENS_WITHIN_MS, new Error('the door does not open')));
    return Promise.race([openDoor({ language, ed25519: assets().ed25519 }), late]);
}

if (await registerWorker()) try {
    new App(await open()).start();
} catch (error) {
    part('screen').replaceChildren(el('div', { class: 'pair frame' }, el('h1', {}, t('title')), problem(error, 'h2'),
        button(t('camera.again'), { image: 'turn', click: () => location.reload() })));
    throw error;
}
