// What was: the last scans, with a way to take one back, and the tickets that two doors let in.
import { button, el, icon } from './dom.js';
import { openPanel, problem } from './panel.js';
import { short, toneOf, undoable } from './verdicts.js';
import { clock, t, text } from './words.js';

function scanRow(scan, zone, undo) {
    const { at, verdict, name, undone, direction } = scan;
    const words = undone ? t('recent.undone') : short(verdict);
    return el('li', { class: 'row' },
        el('span', { class: `row-sign row-${undone ? 'note' : toneOf(verdict)}` },
            icon(undone ? 'undo' : direction === 'out' && verdict === 'left' ? 'leave' : toneOf(verdict))),
        el('div', { class: 'row-words' },
            el('p', { class: 'row-name', dir: 'auto' }, name ?? t('recent.nobody')),
            el('p', { class: 'fine' }, `${clock(at, zone)} · ${words}`)),
        undoable(scan) && button(t('undo'), { image: 'undo', class: 'quiet',
            'aria-label': t('recent.undo_of', { name: name ?? clock(at, zone) }), click: () => undo(scan) }));
}

// undo(scan): takes it back, and throws what went wrong
export function openRecent(door, { zone, undo }) {
    const trouble = el('div', {});
    const list = el('ul', { class: 'rows' });
    const draw = () => list.replaceChildren(...door.recent.map((scan) => scanRow(scan, zone(), async (one) => {
        try {
            await undo(one);
            trouble.replaceChildren(el('p', { class: 'notice notice-go', role: 'status' },
                t('recent.taken_back', { name: one.name ?? '' })));
        } catch (error) {
            trouble.replaceChildren(problem(error));
        }
        draw();
    })));
    door.addEventListener('change', draw);
    openPanel(t('recent.title'), [
        el('p', { class: 'hint' }, t('recent.hint')), trouble,
        door.recent.length === 0 && el('p', { class: 'empty' }, t('recent.none')), list,
    ], { closed: () => door.removeEventListener('change', draw) });
    draw();
}

function doorTitle({ doors }, slug) {
    return text(doors.find((door) => door.slug === slug)?.title ?? slug);
}

export function openConflicts(door, { zone }) {
    const { state } = door;
    openPanel(t('conflicts.title'), [
        el('p', {}, t('conflicts.lead')),
        el('ul', { class: 'rows' }, state.conflicts.map((conflict) => el('li', { class: 'row' },
            el('span', { class: 'row-sign row-look' }, icon('conflict')),
            el('div', { class: 'row-words' },
                el('p', { class: 'row-name', dir: 'auto' }, conflict.attendee?.name ?? t('recent.nobody')),
                el('p', {}, t('conflicts.both', {
                    first: clock(conflict.admitted_at, zone()), first_door: doorTitle(state, conflict.admitted_door),
                    second: clock(conflict.scanned_at, zone()), second_door: doorTitle(state, conflict.door),
                })))))),
        state.conflicts.length === 0 && el('p', { class: 'empty' }, t('conflicts.none')),
    ]);
}
