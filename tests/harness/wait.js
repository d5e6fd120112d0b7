// Waits for what is meant. The limit is far longer than a busy machine needs; it only ends a test
// that would otherwise hang.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

// → the first result of check() that is not falsy. It is called again and again, and may be async.
// An assertion that it throws means "not yet"; the last one fails the test. missing() tells what is
// there instead.
export async function until(check, { withinMs = 60_000, missing = () => `${check}` } = {}) {
    const deadline = Date.now() + withinMs;
    for (;;) {
        let reason;
        const found = await Promise.resolve().then(check).catch((error) => {
            if (error.code !== 'ERR_ASSERTION') throw error;
            reason = error;
        });
        if (found) return found;
        if (Date.now() > deadline) throw reason ?? new assert.AssertionError({ message: `never came: ${missing()}` });
        await sleep(20);
    }
}
