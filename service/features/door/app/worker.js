// Keeps the door's page on the phone, in every language, with all it loads, and answers with what it
// kept: at once, and without a network. It never touches the API. The service writes a line before
// this file that says what there is:
//
//   self.shell = {"version": "…", "pages": {"/door": {"de": "/door?lang=de", …}, …},
//                 "files": ["/assets/…", …]}
//
// A change of anything changes that line, and so this worker: the browser installs the new one
// beside the old. It takes over when the app starts again (install.js), as a whole; a page never
// meets files of another version: what it names has to be among them, or nothing is kept. The version
// before stays until the next one, for a page that had begun with it.

const { version, pages, files } = self.shell;
const kept = `door-${version}`;
const choices = 'door-choices'; // outlives versions
const chosenLanguage = '/door/language';

// Of the languages there are; "constructor" is none, though every object has one.
const isLanguage = (name) => Object.hasOwn(pages['/door'], name);

async function fetched(address, options) {
    const answer = await fetch(address, { credentials: 'omit', ...options });
    if (!answer.ok || answer.redirected) throw new Error(`${address}: ${answer.status}`);
    return answer;
}

// While a house of several machines gets a new version, the page may come from another one.
async function keepPage(cache, page) {
    const answer = await fetched(page, { cache: 'reload' });
    const named = (await answer.clone().text()).match(/(\/door)?\/assets\/[\w.-]+/g) ?? [];
    const strange = named.find((file) => !files.includes(file));
    if (strange) throw new Error(`${page} names ${strange}, of another version`);
    await cache.put(page, answer);
}

const keepFile = async (cache, file) => cache.put(file, await fetched(file));

async function keepAll() {
    const cache = await caches.open(kept);
    await Promise.all([
        ...Object.values(pages).flatMap(Object.values).map((page) => keepPage(cache, page)),
        ...files.map((file) => keepFile(cache, file)),
    ]);
}

// All but this one and the one before it; they come in the order in which they were made.
async function forgetOld() {
    const versions = (await caches.keys()).filter((name) => name.startsWith('door-') && name !== choices);
    const old = versions.filter((name) => name !== kept).slice(0, -1);
    await Promise.all(old.map((name) => caches.delete(name)));
}

async function rememberLanguage(language) {
    if (!isLanguage(language)) return;
    await (await caches.open(choices)).put(chosenLanguage, new Response(language));
}

async function language() {
    const answer = await (await caches.open(choices)).match(chosenLanguage);
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

async function answerPage(event, languages, asked) {
    if (asked) event.waitUntil(rememberLanguage(asked));
    const page = languages[asked ?? await language()];
    return answer(page, page);
}

// Of the version before, for a page that is still open; or of another page of ours.
const answerOther = async (request) => (await caches.match(request)) ?? fetch(request);

// Only when no other window is in the middle of something. The page that was there before may take
// a moment to go.
async function takeOver() {
    for (let tries = 0; tries < 10; tries++) {
        const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
        if (windows.length <= 1) return self.skipWaiting();
        await new Promise((resolve) => setTimeout(resolve, 200));
    }
}

self.addEventListener('install', (event) => event.waitUntil(keepAll()));

self.addEventListener('activate', (event) =>
    event.waitUntil(forgetOld().then(() => self.clients.claim())));

self.addEventListener('fetch', (event) => {
    const { request } = event, { origin, pathname, search, searchParams } = new URL(request.url);
    if (request.method !== 'GET' || origin !== self.location.origin) return;
    if (request.mode === 'navigate' && Object.hasOwn(pages, pathname)) {
        const asked = searchParams.get('lang');
        event.respondWith(answerPage(event, pages[pathname], isLanguage(asked) ? asked : null));
    } else if (files.includes(pathname + search)) {
        event.respondWith(answer(pathname + search, request));
    } else if (/^(\/door)?\/assets\//.test(pathname)) {
        event.respondWith(answerOther(request));
    }
});

self.addEventListener('message', (event) => {
    if (event.data?.language) event.waitUntil(rememberLanguage(event.data.language));
    if (event.data?.takeOver) event.waitUntil(takeOver());
});
