// What reads tickets at the door: the camera, also of tickets in a bad state, and hand scanners that
// type. The scanner's modules run here on a page of their own; the decoder is the one that is served.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, film, openCamera, size, ticketsOf } from '../harness/camera.js';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { repository } from '../harness/paths.js';
import { takePicture } from '../harness/pictures.js';

const house = await openHouse();
const event = await house.apply(plainEvent());

// How tickets come to the door.
const bad = {
    'askew': { size: 250, turn: 25, lean: 35, swing: 20, noise: 10 },
    'upside down': { size: 220, turn: 171, noise: 10 },
    'lying flat': { size: 280, lean: 52, turn: 10, noise: 10 },
    'far away, 90 pixels': { size: 90, noise: 8 },
    'far away and out of focus': { size: 140, blur: 1, noise: 8 },
    'out of focus': { size: 260, blur: 3, noise: 6 },
    'in a hand that shakes': { size: 250, shakes: [6, 4, 2, 1, 3, 5], noise: 6 }, // slow where it turns
    'in the dark': { size: 240, contrast: 0.06, light: -100, noise: 8 },
    'faded': { size: 240, contrast: 0.2, light: 80, noise: 20 },
    'in the noise of a poor camera': { size: 220, noise: 110 },
    'white on black': { size: 240, inverted: true, noise: 20 },
    'behind a cracked screen': { size: 260, crack: 0.04, noise: 12, turn: 8, seed: 3 },
    'dirty': { size: 260, dirt: 12, noise: 15, seed: 4 },
    'with a lamp on it': { size: 260, shine: 150, noise: 10 },
    'filling the picture': { size: 360, noise: 10 },
};

// → one view a picture: a hand that shakes blurs each one differently
const viewsOf = ({ shakes, ...view }) => shakes?.map((shake, i) => ({ ...view, shake, seed: i + 1 })) ?? [view];

const tickets = (await ticketsOf(house, event, Object.keys(bad).length + 3, plainGuest)).map(({ ticket }) => ticket);
const codes = await Promise.all(tickets.map((ticket) => codeOf(house, ticket)));
const nobody = [null, {}];
const good = { size: 220, turn: 5, noise: 8 };

// As the service has it at its addresses.
const page = await house.http.get('/door');
const assets = JSON.parse(/<script type="application\/json" id="assets">(.*?)<\/script>/.exec(page.body)[1]);
const policy = page.headers['content-security-policy'];

const scanner = (name) => readFileSync(join(repository, 'service/features/door/app/scanner', name), 'utf8');

// work(page): on a page with the same policy as the door's; browser: of openCamera. change(context)
// comes first.
async function onPage(browser, work, { prepare = () => {} } = {}) {
    const tab = await browser.open({ width: 390 });
    const { context } = tab;
    await context.route('**/scanner/*', (route) => route.fulfill({
        body: scanner(basename(new URL(route.request().url()).pathname)), contentType: 'text/javascript' }));
    await context.route('**/scanner/', (route) => route.fulfill({
        body: '<!doctype html><title>Scanner</title><video style="width:390px;height:390px"></video>' +
            '<input id="field" maxlength="80"><textarea id="long"></textarea><button>Act</button>',
        contentType: 'text/html', headers: { 'content-security-policy': policy.replace("style-src 'self'", "style-src 'unsafe-inline'") } }));
    await prepare(context);
    try {
        await tab.use(async (opened) => {
            await opened.goto('/scanner/');
            await work(opened, tab);
        });
    } finally {
        await context.close();
    }
}

// Runs in the page: a camera whose codes, troubles and recoveries are collected in `seen`; looks: how
// many pictures were given to the decoder.
async function openEyes(addresses) {
    const { Camera } = await import('/scanner/camera.js');
    globalThis.seen = { codes: [], troubles: [], wells: 0, looks: 0 };
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (message, ...more) {
        if (message.pixels) seen.looks++;
        return postMessage.call(this, message, ...more);
    };
    globalThis.camera = new Camera(document.querySelector('video'), { assets: addresses });
    camera.addEventListener('code', ({ detail }) => seen.codes.push(detail));
    camera.addEventListener('trouble', ({ detail }) => seen.troubles.push(detail));
    camera.addEventListener('well', () => seen.wells++);
    await camera.start();
}

const texts = (opened) => opened.evaluate(() => [...new Set(seen.codes.map(({ text }) => text))]);

const until = (opened, check, argument) => opened.waitForFunction(check, argument, { polling: 50 });

const three = film([[codes[0], good], nobody, [codes[1], good], nobody, [codes[2], good], nobody], { frames: 5 });
const camera = await openCamera(house.service.url, three);

test('guest after guest is read without a tap, with nothing from anybody else', async () => {
    await onPage(camera, async (opened) => {
        await opened.evaluate(openEyes, assets);
        await until(opened, () => new Set(seen.codes.map(({ text }) => text)).size === 3);
        assert.deepEqual((await texts(opened)).sort(), tickets.slice(0, 3).sort());
        const { troubles, late } = await opened.evaluate(() => ({ troubles: seen.troubles,
            late: seen.codes.filter(({ decodedAt }) => !(decodedAt > 0 && decodedAt <= performance.now())) }));
        assert.deepEqual([troubles, late], [[], []]);
    });
});

// Runs before the page's scripts: the camera sees what show(pictures) put in front of it, in base64,
// one after the other and again, as long as nothing else is shown.
function seeWhatIsShown({ width, height }) {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d');
    let pictures = [context.createImageData(width, height)];
    let turn = 0;
    const read = (base64) => {
        const grey = Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
        return new ImageData(Uint8ClampedArray.from({ length: grey.length * 4 },
            (_, i) => (i % 4 === 3 ? 255 : grey[i >> 2])), width);
    };
    globalThis.show = (list) => (pictures = list.map(read));
    setInterval(() => context.putImageData(pictures[turn++ % pictures.length], 0, 0), 70);
    navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(); // anew after a stall
}

test('tickets in a bad state are read, every one', async () => {
    const wanted = tickets.slice(3);
    await onPage(camera, async (opened) => {
        await opened.evaluate(openEyes, assets);
        for (const [i, name] of Object.keys(bad).entries()) {
            const pictures = viewsOf(bad[name]).map((view) =>
                Buffer.from(takePicture(codes[i + 3], view, size)).toString('base64'));
            await opened.evaluate((list) => void show(list), pictures);
            await until(opened, (ticket) => seen.codes.some(({ text }) => text === ticket), wanted[i])
                .catch(async () => assert.fail(`not read: ${name}; ` + await opened.evaluate(() =>
                    JSON.stringify({ ...seen, at: document.querySelector('video').currentTime }))));
        }
        assert.deepEqual((await texts(opened)).filter((text) => !wanted.includes(text)), [], 'nothing is misread');
    }, { prepare: (context) => context.addInitScript(seeWhatIsShown, size) });
});

// The page shows the middle square of the picture, 480 of its 640 pixels wide.
const [inTheMiddle, atTheSide, outside] = [[280, 240], [441, 240], [70, 240]].map((middle) => ({ size: 132, middle }));

test('of two codes the one nearest to the middle is read, and none outside of what is looked at', async () => {
    const [a, b, c] = codes;
    const pictures = [[a, { ...inTheMiddle, beside: [[b, atTheSide]] }], [c, outside]];
    const two = await openCamera(house.service.url, film(pictures, { frames: 15 }));
    // The same two at their places by themselves: they can be read there.
    const each = await openCamera(house.service.url, film([[b, atTheSide], [c, inTheMiddle]], { frames: 15 }));
    await onPage(each, async (opened) => {
        await opened.evaluate(openEyes, assets);
        await until(opened, () => new Set(seen.codes.map(({ text }) => text)).size === 2);
        assert.deepEqual((await texts(opened)).sort(), tickets.slice(1, 3).sort());
    });
    await onPage(two, async (opened) => {
        await opened.evaluate(openEyes, assets);
        await until(opened, () => {
            const times = seen.codes.map(({ decodedAt }) => decodedAt);
            return times.length > 5 && times.some((at, i) => i > 0 && at - times[i - 1] > 1000); // all of the film
        });
        assert.deepEqual(await texts(opened), [tickets[0]]);
    });
});

test('a picture without a code is no code', async () => {
    const empty = await openCamera(house.service.url, film([nobody, [null, { seed: 9, noise: 80 }]]));
    await onPage(empty, async (opened) => {
        await opened.evaluate(openEyes, assets);
        await until(opened, () => seen.looks > 20 && document.querySelector('video').currentTime > 2); // all of the film
        assert.deepEqual(await opened.evaluate(() => [seen.codes, seen.troubles]), [[], []]);
    });
});

test('paused, nothing is read and the picture stands still; resumed, reading goes on', async () => {
    await onPage(camera, async (opened) => {
        await opened.evaluate(openEyes, assets);
        await until(opened, () => seen.codes.length > 0);
        await opened.evaluate(() => camera.pause());
        await sleep(300);
        const before = await opened.evaluate(() => [seen.codes.length, document.querySelector('video').currentTime]);
        await sleep(1500);
        assert.deepEqual(await opened.evaluate(() => [seen.codes.length, document.querySelector('video').currentTime]), before);
        await opened.evaluate(() => camera.resume());
        await until(opened, (count) => seen.codes.length > count, before[0]);
        assert.deepEqual(await opened.evaluate(() => seen.troubles), []);
    });
});

test('hidden, the page reads nothing', async () => {
    await onPage(camera, async (opened) => {
        await opened.evaluate(openEyes, assets);
        await until(opened, () => seen.codes.length > 0);
        const hide = (hidden) => opened.evaluate((is) => {
            Object.defineProperty(document, 'hidden', { value: is, configurable: true });
            document.dispatchEvent(new Event('visibilitychange'));
        }, hidden);
        await hide(true);
        await sleep(300);
        const before = await opened.evaluate(() => seen.codes.length);
        await sleep(5000);
        assert.deepEqual(await opened.evaluate(() => [seen.codes.length, seen.troubles]), [before, []]);
        await hide(false);
        await until(opened, (count) => seen.codes.length > count, before);
    });
});

test('cameras have names and can be chosen; one that is gone is not insisted on', async () => {
    await onPage(camera, async (opened) => {
        await opened.evaluate(openEyes, assets);
        const [list, id, torch] = await opened.evaluate(async () =>
            [await camera.cameras(), camera.id, [camera.hasTorch, await camera.torch(false)]]);
        assert.ok(list.length >= 1 && list.every((one) => one.id && one.label), JSON.stringify(list));
        assert.ok(list.some((one) => one.id === id));
        assert.deepEqual(torch, [false, true], 'no light: it is as dark as wished');
        await opened.evaluate((chosen) => camera.start(chosen), id);
        assert.equal(await opened.evaluate(() => camera.id), id);
        await opened.evaluate(() => camera.start('gone'));
        assert.equal(await opened.evaluate(() => camera.id), id);
        await until(opened, () => seen.codes.length > 0);
        await opened.evaluate(() => camera.stop());
        assert.deepEqual(await opened.evaluate(() => [camera.id, document.querySelector('video').srcObject]), [null, null]);
    });
});

test('light and focus are asked of cameras that have them', async () => {
    await onPage(camera, async (opened) => {
        const asked = await opened.evaluate(async (addresses) => {
            const constraints = [], { prototype } = MediaStreamTrack;
            prototype.getCapabilities = () => ({ torch: true, focusMode: ['manual', 'continuous'] });
            prototype.applyConstraints = async (wish) => { constraints.push(wish.advanced[0]); };
            const { Camera } = await import('/scanner/camera.js');
            const eyes = new Camera(document.querySelector('video'), { assets: addresses });
            await eyes.start();
            const has = eyes.hasTorch, lit = await eyes.torch(true);
            eyes.stop();
            return { constraints, has, lit };
        }, assets);
        assert.deepEqual(asked, { has: true, lit: true,
            constraints: [{ focusMode: 'continuous' }, { torch: true }] });
    });
});

for (const [name, reason] of [['NotAllowedError', 'denied'], ['NotFoundError', 'none'], ['NotReadableError', 'busy']])
    test(`a camera that answers ${name} is told as "${reason}"`, async () => {
        await onPage(camera, async (opened) => {
            const told = await opened.evaluate(async ([error, addresses]) => {
                navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', error); };
                const { Camera, CameraError } = await import('/scanner/camera.js');
                const failed = await new Camera(document.querySelector('video'), { assets: addresses }).start().catch((e) => e);
                return [failed instanceof CameraError, failed.reason];
            }, [name, assets]);
            assert.deepEqual(told, [true, reason]);
        });
    });

test('a camera that is taken away is told, and used again when it is back', async () => {
    await onPage(camera, async (opened) => {
        await opened.evaluate(openEyes, assets);
        await until(opened, () => seen.codes.length > 0);
        await opened.evaluate(() => {
            const [track] = document.querySelector('video').srcObject.getVideoTracks();
            track.stop();
            track.dispatchEvent(new Event('ended'));
            seen.codes.length = 0;
        });
        await until(opened, () => seen.codes.length > 0 && seen.wells === 1);
        assert.deepEqual(await opened.evaluate(() => seen.troubles.map(({ reason }) => reason)), ['ended']);
    });
});

test('a decoder that cannot be loaded is told, and tried again until it can', async () => {
    let isRefused = true;
    await onPage(camera, async (opened, tab) => {
        await opened.evaluate(openEyes, assets);
        await until(opened, () => seen.troubles.length >= 2);
        assert.deepEqual(await opened.evaluate(() => [seen.codes.length, seen.wells]), [0, 0]);
        isRefused = false;
        await until(opened, () => seen.codes.length > 0 && seen.wells === 1);
        const reasons = await opened.evaluate(() => seen.troubles.map(({ reason }) => reason));
        assert.ok(reasons.every((reason) => reason === 'decoder'), reasons.join());
        tab.complaints.length = 0; // it was us
    }, { prepare: (context) => context.route(`**${assets.decoder}`, (route) =>
        isRefused ? route.fulfill({ status: 500, body: '' }) : route.fallback()) });
});

test('a browser that reads codes itself is asked first, and helped where it finds nothing or fails', async () => {
    for (const native of ['finds', 'finds nothing', 'fails'])
        await onPage(camera, async (opened) => {
            await opened.evaluate((does) => {
                globalThis.BarcodeDetector = class {
                    static async getSupportedFormats() { return ['qr_code']; }
                    async detect() {
                        if (does === 'fails') throw new DOMException('Barcode detection service unavailable.', 'NotSupportedError');
                        return does === 'finds' ? [{ rawValue: 'by the browser', boundingBox: { x: 0, y: 0, width: 9, height: 9 } }] : [];
                    }
                };
            }, native);
            await opened.evaluate(openEyes, assets);
            await until(opened, () => seen.codes.length > 0);
            const [first] = await texts(opened);
            if (native === 'finds') assert.equal(first, 'by the browser');
            else assert.ok(tickets.includes(first), native);
            assert.deepEqual(await opened.evaluate(() => seen.troubles), []);
        });
});

test('a code in front of the camera is one scan until it was gone for four seconds', async () => {
    const { Repeats } = await import(join(repository, 'service/features/door/app/scanner/repeats.js'));
    const repeats = new Repeats();
    const times = [['A', 0], ['A', 3999], ['A', 7900], ['B', 8000], ['A', 11_000], ['A', 15_000], ['B', 15_001]];
    assert.deepEqual(times.map(([text, now]) => repeats.seen(text, now)), [false, true, true, false, true, false, false]);
    repeats.forget();
    assert.equal(repeats.seen('B', 15_002), false);
});

// --- Hand scanners ---

async function listen() {
    const { listenForTyping } = await import('/scanner/typed.js');
    globalThis.typed = [];
    globalThis.inputs = [];
    globalThis.pressed = 0;
    document.querySelector('button').addEventListener('click', () => pressed++);
    document.querySelector('#field').addEventListener('input', ({ target }) => inputs.push(target.value));
    globalThis.unlisten = listenForTyping(window, (text) => typed.push(text));
}

// The page's clock stands still but for the paces given here, so that a busy machine is not taken for
// a slow hand. paceMs 0: as fast as a scanner.
async function type(opened, text, { paceMs = 0, end = 'Enter' } = {}) {
    for (const character of text) {
        await opened.keyboard.press(/[A-Z]/.test(character) ? `Shift+${character}` : character);
        if (paceMs > 0) await opened.clock.runFor(paceMs);
    }
    if (end) await opened.keyboard.press(end);
}

// Nobody types any more.
const afterwards = (opened) => opened.clock.runFor(1000);

async function typing(work) {
    await onPage(camera, async (opened) => {
        await opened.clock.pauseAt(Date.now() + 3_600_000);
        await opened.evaluate(listen);
        await work(opened);
    }, { prepare: (context) => context.clock.install() });
}

test('a hand scanner needs no focus, and ends with Enter, Tab or nothing', async () => {
    await typing(async (opened) => {
        await opened.locator('button').focus();
        for (const [i, end] of ['Enter', 'Tab', null].entries()) {
            await type(opened, tickets[i], { end });
            await afterwards(opened);
        }
        const state = await opened.evaluate(() => [typed, pressed, document.activeElement.tagName]);
        assert.deepEqual(state, [tickets.slice(0, 3), 0, 'BUTTON'], 'Enter presses no button, Tab goes nowhere');
        await opened.evaluate(() => unlisten());
        await type(opened, tickets[0]);
        await afterwards(opened);
        assert.equal((await opened.evaluate(() => typed)).length, 3, 'stopped, it hears nothing');
    });
});

test('a hand scanner that types into a field is heard, and the field is as it was', async () => {
    await typing(async (opened) => {
        for (const [i, field] of ['#field', '#long'].entries()) {
            await opened.locator(field).focus();
            await type(opened, 'Ada Love', { paceMs: 80, end: null });
            await opened.keyboard.press('ArrowLeft');
            await afterwards(opened);
            await type(opened, tickets[i]);
            await afterwards(opened);
            assert.equal(await opened.locator(field).inputValue(), 'Ada Love');
            assert.equal(await opened.locator(field).evaluate((element) => element.selectionStart), 7);
        }
        assert.deepEqual(await opened.evaluate(() => typed), tickets.slice(0, 2));
        assert.equal(await opened.evaluate(() => inputs.at(-1)), 'Ada Love', 'the page was told');
    });
});

test('a ticket whose keys come in pieces, as on a busy phone, is one ticket', async () => {
    await typing(async (opened) => {
        for (const [i, focused] of ['button', '#field'].entries()) {
            await opened.locator(focused).focus();
            for (const piece of [tickets[i].slice(0, 60), tickets[i].slice(60, -2)]) {
                await type(opened, piece, { end: null });
                await opened.clock.runFor(400);
            }
            await type(opened, tickets[i].slice(-2));
            await afterwards(opened);
        }
        assert.deepEqual(await opened.evaluate(() => typed), tickets.slice(0, 2));
        assert.equal(await opened.locator('#field').inputValue(), '');
    });
});

test('what people type stays theirs, also what begins like a ticket', async () => {
    await typing(async (opened) => {
        const field = opened.locator('#field');
        await field.focus();
        await type(opened, 'Grace Hopper', { paceMs: 60, end: null });
        await type(opened, ' 2KCE', { end: 'Enter' });
        assert.equal(await field.inputValue(), 'Grace Hopper 2KCE');
        await field.fill('');
        await type(opened, '2KCETIQBE4CEI6CJVQYK', { end: null }); // as fast as a scanner, but no ticket
        await afterwards(opened);
        assert.equal(await field.inputValue(), '2KCETIQBE4CEI6CJVQYK');
        await opened.locator('button').focus();
        await type(opened, 'abc', { paceMs: 130 });
        assert.deepEqual(await opened.evaluate(() => [typed, pressed]), [[], 1]);
    });
});

test('a scanner set to another keyboard than the browser’s is understood', async () => {
    await typing(async (opened) => {
        // What a French keyboard makes of the keys of an American one.
        const french = { 2: 'é', 3: '"', 4: "'", 5: '(', 6: '-', 7: 'è', A: 'Q', Q: 'A', W: 'Z', Z: 'W', M: '?' };
        await opened.evaluate(([ticket, map]) => {
            for (const [i, character] of [...ticket].entries()) {
                const code = /\d/.test(character) ? `Digit${character}` : `Key${character}`;
                const event = new KeyboardEvent('keydown',
                    { key: map[character] ?? character, code, bubbles: true, cancelable: true });
                Object.defineProperty(event, 'timeStamp', { value: 2 * i });
                document.body.dispatchEvent(event);
            }
        }, [tickets[0], french]);
        await afterwards(opened);
        assert.deepEqual(await opened.evaluate(() => typed), [tickets[0]]);
    });
});

test('a ticket that is pasted, or typed by what names no keys, is taken out of the field', async () => {
    await typing(async (opened) => {
        await opened.locator('#long').fill(`Ada ${tickets[0]}`);
        await afterwards(opened);
        assert.deepEqual(await opened.evaluate(() => typed), [tickets[0]]);
        assert.equal(await opened.locator('#long').inputValue(), 'Ada ');
    });
});
