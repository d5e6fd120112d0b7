// Keeps the door's page on the phone, in every language, with all it loads, and answers with what it
// kept: at once, and without a network. It never touches the API. The service writes a line before
// this file that says what there is:
//
//   self.shell = {"version": "…", "pages": {"de": "/door?lang=de", …}, "files": ["/assets/…", …]}
//
// A change of anything changes that line, and so this worker: the browser installs the new one
// beside the old. It takes over when the app starts again (install.js), as a whole; a page never
// meets files of another version.

const { version, pages, files } = self.shell;
const kept = `door-${version}`;
const choices = 'door-choices'; // outlives versions
const chosen_language = '/door/language';

// Of the languages there are; "constructor" is none, though every object has one.
const isLanguage = (name) => Object.hasOwn(pages, name);

async function keep(cache, address, options) {
    const answer = await fetch(address, { credentials: 'omit', ...options });
    if (!answer.ok || answer.redirected) throw new Error(`${address}: ${answer.status}`);
    await cache.put(address, answer);
}

async function keepAll() {
    const cache = await caches.open(kept);
    await Promise.all([
        ...Object.values(pages).map((page) => keep(cache, page, { cache: 'reload' })),
        ...files.map((file) => keep(cache, file)),
    ]);
}

async function forgetOthers() {
    for (const name of await caches.keys())
        if (name.startsWith('door-') && name !== kept && name !== choices) await caches.delete(name);
}

async function rememberLanguage(language) {
    if (!isLanguage(language)) return;
    await (await caches.open(choices)).put(chosen_language, new Response(language));
}

async function language() {
    const answer = await (await caches.open(choices)).match(chosen_language);
    const remembered = await answer?.text();
    return [remembered, ...navigator.languages.map((name) => name.split('-')[0]), 'en']
        .find(isLanguage);
}

// What was kept; a browser that is short of space may have dropped it.
async function answer(address, request) {
    const cache = await caches.open(kept);
    const found = await cache.match(address);
    if (found) return found;
    const fresh = await fetch(request);
    if (fresh.ok && !fresh.redirected) await cache.put(address, fresh.clone());
    return fresh;
}

async function answerPage(event, asked) {
    if (asked) event.waitUntil(rememberLanguage(asked));
    const page = pages[asked ?? await language()];
    return answer(page, page);
}

// Only when no other window is in the middle of something.
async function takeOver() {
    const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
    if (windows.length <= 1) await self.skipWaiting();
}

self.addEventListener('install', (event) => event.waitUntil(keepAll()));

self.addEventListener('activate', (event) =>
    event.waitUntil(forgetOthers().then(() => self.clients.claim())));

self.addEventListener('fetch', (event) => {
    const { request } = event, { origin, pathname, search, searchParams } = new URL(request.url);
    if (request.method !== 'GET' || origin !== self.location.origin) return;
    if (request.mode === 'navigate' && pathname === '/door') {
        const asked = searchParams.get('lang');
        event.respondWith(answerPage(event, isLanguage(asked) ? asked : null));
    } else if (files.includes(pathname + search)) {
        event.respondWith(answer(pathname + search, request));
    }
});

self.addEventListener('message', (event) => {
    if (event.data?.language) event.waitUntil(rememberLanguage(event.data.language));
    if (event.data?.takeOver) event.waitUntil(takeOver());
});
