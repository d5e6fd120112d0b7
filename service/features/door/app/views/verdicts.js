// One row per verdict: tone (colour, sound, vibration), icon (its shape is clear without colour),
// whether staff may admit anyway.
import { clock, dates, t, text } from './words.js';

const rows = {
    admitted: { tone: 'go', image: 'go' },
    unticketed: { tone: 'go', image: 'go' },
    left: { tone: 'go', image: 'leave' },
    already_admitted: { tone: 'look', image: 'look', force: true },
    wrong_door: { tone: 'look', image: 'look', force: true },
    too_early: { tone: 'look', image: 'look', force: true },
    too_late: { tone: 'stop', image: 'stop', force: true },
    not_confirmed: { tone: 'stop', image: 'stop', force: true },
    cancelled: { tone: 'stop', image: 'stop', force: true },
    replaced: { tone: 'stop', image: 'stop' },
    wrong_event: { tone: 'stop', image: 'stop' },
    forged: { tone: 'stop', image: 'stop' },
    unknown: { tone: 'stop', image: 'stop' },
    not_a_ticket: { tone: 'look', image: 'look' },
    practice_real: { tone: 'look', image: 'practice' },
    practice_ticket: { tone: 'look', image: 'practice' },
    failed: { tone: 'look', image: 'look' },
};

const GOES_AFTER = 2; // seconds; amber and red stay

// "since 10:42 at Main entrance" needs time and door; else the sentence is shorter. A ticket for other
// days says which.
function detail(decided, zone) {
    const { verdict, validOn } = decided;
    if (validOn && ['too_early', 'too_late'].includes(verdict))
        return t('verdict.other_day', { days: dates(validOn) });
    const since = decided.admittedAt ? clock(decided.admittedAt, zone) : null;
    const values = { since, door: text(decided.admittedDoor) || null, problem: decided.problem ?? '' };
    return t(`verdict.${decided.verdict}.detail`, values);
}

// decided: the answer of Door.scan; zone: the event's. event: of Door.state → {tone, image, title, detail, todo, force,
// seconds (null: it stays)}
export function describe(decided, zone, event = {}) {
    const { verdict, forced } = decided;
    const row = rows[verdict] ?? rows.failed;
    const shown = rows[verdict] ? verdict : 'failed';
    const key = forced && verdict === 'admitted' ? 'forced'
        : verdict === 'cancelled' && event?.cancelled ? 'event_cancelled' : shown;
    return {
        ...row,
        title: t(`verdict.${key}.title`),
        detail: row.tone === 'go' ? '' : detail({ ...decided, verdict: key }, zone),
        todo: row.tone === 'go' ? '' : t(`verdict.${key}.todo`),
        seconds: row.tone === 'go' ? GOES_AFTER : null,
    };
}

// Shown after an undo.
export const undone = () => ({ tone: 'look', image: 'undo', title: t('recent.undone'), seconds: GOES_AFTER });

export const short = (verdict) => t(`verdict.${rows[verdict] ? verdict : 'failed'}.title`);

export const toneOf = (verdict) => (rows[verdict] ?? rows.failed).tone;

// A scan that changed something can be undone for fifteen minutes. now and at: ms of the service's clock
export const undoable = ({ verdict, at, undone }, now) =>
    !undone && ['admitted', 'left'].includes(verdict) && now - at < 15 * 60_000;
