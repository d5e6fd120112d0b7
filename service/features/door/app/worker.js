// The service worker: caches the door's page in every language with all its files, and answers from
// the cache, at once and without network. It never touches the API. The service writes a line before
// this file with the list of files:
//
//   self.shell = {"version": "…", "pages": {"/door": {"de": "/door?lang=de", …}, …},
//                 "files": ["/assets/…", …]}
//
// A changed file changes this line and so the worker; the browser then installs the new worker beside
// the old one. The new one takes over when the app starts again (install.js). A page never gets files
// of another version: if it names a file that is not in the list, nothing is cached. The previous
// version stays cached for pages that started with it.

const { version, pages, files } = self.shell;
const kept = `door-${version}`;
const choices = 'door-choices'; // kept for all versions
const chosenLanguage = '/door/language';

// hasOwn, because "constructor" is not a language.
const isLanguage = (name) => Object.hasOwn(pages['/door'], name);

async function fetched(address, options) {
    const answer = await fetch(address, { credentials: 'omit', ...options });
    if (!answer.ok || answer.redirected) throw new Error(`${address}: ${answer.status}`);
    return answer;
}

// During an upgrade of several instances the page may come from another version.
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

// Deletes all versions but this one and the previous one. The keys are in the order of creation.
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

// Answers from the cache. A browser without space may have dropped it.
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

// A file of the previous version for a page that is still open, or another page of the service.
const answerOther = async (request) => (await caches.match(request)) ?? fetch(request);

// Takes over only if no other window is open. The previous page may take a moment to close.
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
