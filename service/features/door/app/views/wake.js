// Keeps the screen awake while somebody scans. The browser lets go of the lock whenever the page
// is hidden, so it is asked for again when the page is back.

let wanted = false;
let lock = null;

async function take() {
    if (!wanted || lock || document.visibilityState !== 'visible') return;
    try {
        lock = await navigator.wakeLock.request('screen');
        lock.addEventListener('release', () => (lock = null));
        if (!wanted) await lock.release();
    } catch {
        lock = null; // low battery, or the browser does not want to: the screen may sleep
    }
}

export function stayAwake(yes) {
    wanted = yes;
    if (!yes) lock?.release();
    else if ('wakeLock' in navigator) take();
}

document.addEventListener('visibilitychange', () => {
    if ('wakeLock' in navigator) take();
});
