// Waits for a condition, never for time.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

export const PATIENCE_MS = 60_000; // far more than a busy machine needs; only a failure takes so long

// Calls check(), which may be async, every few milliseconds. → its first truthy result. what(): the
// text of the failure.
export async function until(check, what = () => String(check), patienceMs = PATIENCE_MS) {
    const deadline = Date.now() + patienceMs;
    for (;;) {
        const found = await check();
        if (found) return found;
        if (Date.now() > deadline) assert.fail(`it never came: ${await what()}`);
        await sleep(20);
    }
}
