// Installs the page on the phone (worker.js).
const PATIENCE_MS = 3000;
const REST_MS = 500;

// A slow service worker must not stop the door from opening.
function soon(promise, otherwise) {
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, otherwise));
    return Promise.race([promise.catch(() => otherwise), late]);
}

// Resolves when the page and its icon are loaded. A worker that is still answering is not replaced at
// once, and a reload would have to wait for it.
async function loaded() {
    if (document.readyState !== 'complete')
        await new Promise((resolve) => addEventListener('load', resolve, { once: true }));
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
}

// Lets a waiting version take over now, before the app starts, and reloads the page.
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
        // Registration fails without network or without storage. The app works anyway.
    }
}

// Call it when the app starts. → false: the page will reload in a newer version, so start nothing.
// Browsers without service workers work too.
export async function registerWorker() {
    if (!navigator.serviceWorker) return true;
    const earlier = await soon(navigator.serviceWorker.getRegistration('/door'), null);
    if (earlier && await giveWay(earlier)) return false;
    register();
    return true;
}
