// Keeps the screen awake while scanning. The browser releases the lock when the page is hidden, so this
// requests it again when the page is visible.

let wanted = false;
let lock = null;

async function take() {
    if (!wanted || lock || document.visibilityState !== 'visible') return;
    try {
        lock = await navigator.wakeLock.request('screen');
        lock.addEventListener('release', () => (lock = null));
        if (!wanted) await lock.release();
    } catch {
        lock = null; // refused, for example at low battery: the screen may sleep
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
