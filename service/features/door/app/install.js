// Puts the page on the phone: see worker.js.
const PATIENCE_MS = 3000;
const REST_MS = 500;

// A browser that is busy with its workers does not keep the door from opening.
function soon(promise, otherwise) {
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, otherwise));
    return Promise.race([promise.catch(() => otherwise), late]);
}

// The page and all it shows are there, its icon too. A worker that is still answering is not replaced at
// once but when it has come to rest, and whoever loads the page meanwhile waits for that.
async function loaded() {
    if (document.readyState !== 'complete')
        await new Promise((resolve) => addEventListener('load', resolve, { once: true }));
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
}

// A version that waits takes over now, before anything has begun, and the page is loaded anew.
async function giveWay(registration) {
    if (!registration.waiting || !navigator.serviceWorker.controller) return false;
    await soon(loaded());
    const taken = new Promise((resolve) =>
        navigator.serviceWorker.addEventListener('controllerchange', () => resolve(true), { once: true }));
    registration.waiting.postMessage({ takeOver: true });
    if (!await soon(taken, false)) return false;
    location.reload();
    return true;
}

async function register() {
    try {
        await navigator.serviceWorker.register('/door/worker.js', { scope: '/door', updateViaCache: 'none' });
        const { active } = await navigator.serviceWorker.ready;
        active.postMessage({ language: document.documentElement.lang });
    } catch {
        // Without a network there is nothing to register, and without space nothing to keep.
    }
}

// To be called when the app starts. → false: the page is about to be loaded anew, in a newer version,
// and should begin nothing. Browsers that keep no pages get by without.
export async function registerWorker() {
    if (!navigator.serviceWorker) return true;
    const earlier = await soon(navigator.serviceWorker.getRegistration('/door'), null);
    if (earlier && await giveWay(earlier)) return false;
    register();
    return true;
}
