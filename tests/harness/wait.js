// Waits for what is meant, never for time.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

export const PATIENCE_MS = 60_000; // far more than a busy machine needs: only what never comes takes so long

// → the first result of check() that is not falsy; check may be async and is called every few
// milliseconds. what(): what the failure says.
export async function until(check, what = () => String(check)) {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
        const found = await check();
        if (found) return found;
        if (Date.now() > deadline) assert.fail(`it never came: ${await what()}`);
        await sleep(20);
    }
}
