// Lists: recent scans, with undo; conflicts; and scans that the service refused.
import { button, el, icon } from './dom.js';
import { openPanel, problem } from './panel.js';
import { short, toneOf, undoable } from './verdicts.js';
import { clock, t, text } from './words.js';

function scanRow(scan, { zone, now, undo }) {
    const { at, verdict, name, undone, direction } = scan;
    const words = undone ? t('recent.undone') : short(verdict);
    return el('li', { class: 'row' },
        el('span', { class: `row-sign row-${undone ? 'note' : toneOf(verdict)}` },
            icon(undone ? 'undo' : direction === 'out' && verdict === 'left' ? 'leave' : toneOf(verdict))),
        el('div', { class: 'row-words' },
            el('p', { class: 'row-name', dir: 'auto' }, name ?? t('recent.nobody')),
            el('p', { class: 'fine' }, `${clock(at, zone)} · ${words}`)),
        undoable(scan, now) && button(t('undo'), { image: 'undo', class: 'quiet',
            'aria-label': t('recent.undo_of', { name: name ?? clock(at, zone) }), click: () => undo(scan) }));
}

// undo(scan): undoes it, or throws
export function openRecent(door, { zone, undo }) {
    const trouble = el('div', {});
    const list = el('ul', { class: 'rows' });
    const takeBack = async (one) => {
        try {
            await undo(one);
            trouble.replaceChildren(el('p', { class: 'notice notice-go', role: 'status' },
                t('recent.taken_back', { name: one.name ?? '' })));
        } catch (error) {
            trouble.replaceChildren(problem(error));
        }
        draw();
    };
    const draw = () => {
        const given = { zone: zone(), now: Date.now() + door.state.skewMs, undo: takeBack };
        list.replaceChildren(...door.recent.map((scan) => scanRow(scan, given)));
    };
    door.addEventListener('change', draw);
    openPanel(t('recent.title'), [
        el('p', { class: 'hint' }, t('recent.hint')), trouble,
        door.recent.length === 0 && el('p', { class: 'empty' }, t('recent.none')), list,
    ], { closed: () => door.removeEventListener('change', draw), discreet: true });
    draw();
}

function doorTitle({ doors }, slug) {
    return text(doors.find((door) => door.slug === slug)?.title ?? slug);
}

const row = (image, name, words) => el('li', { class: 'row' },
    el('span', { class: 'row-sign row-look' }, icon(image)),
    el('div', { class: 'row-words' }, el('p', { class: 'row-name', dir: 'auto' }, name), words));

// Two doors admitted the ticket, or it was revoked.
function conflictWords(state, { verdict, admitted_at, admitted_door, scanned_at, door }, zone) {
    const second = { second: clock(scanned_at, zone), second_door: doorTitle(state, door) };
    if (!admitted_at || !admitted_door) return t('conflicts.against', { ...second, verdict: short(verdict) });
    return t('conflicts.both',
        { first: clock(admitted_at, zone), first_door: doorTitle(state, admitted_door), ...second });
}

export function openConflicts(door, { zone }) {
    const { state } = door;
    openPanel(t('conflicts.title'), [
        el('p', {}, t('conflicts.lead')),
        el('ul', { class: 'rows' }, state.conflicts.map((conflict) => row('conflict',
            conflict.attendee?.name ?? t('recent.nobody'), el('p', {}, conflictWords(state, conflict, zone()))))),
        state.conflicts.length === 0 && el('p', { class: 'empty' }, t('conflicts.none')),
    ], { discreet: true });
}

// Refused scans for somebody to check; they can be sent again.
export function openRefused(door, { zone }) {
    const panel = openPanel(t('refused.title'), [
        el('p', {}, t('refused.lead')),
        el('ul', { class: 'rows' }, door.refused.map(({ at, kind, decided, why }) => row('look',
            `${clock(at, zone())} · ${decided ? short(decided) : t(kind === 'admission' ? 'unticketed.title' : 'undo')}`, el('p', {}, why)))),
        el('div', { class: 'actions' }, button(t('refused.again'), { image: 'turn', click: () => {
            panel.close();
            door.sendRefused();
        } })),
    ]);
}
