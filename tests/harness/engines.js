// Firefox and WebKit as a visitor's browser, each by its own protocol but with the same few methods:
//
//   goto(path), reload(), evaluate(work, given) → what work(given) returns in the page, click(css),
//   type(css, text), press(key), close()
//
// Both are browsers of Debian with a new profile and a camera of their own that shows a test picture.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { find } from './browser.js';
import { temporaryDirectory } from './paths.js';
import { freePort } from './service.js';
import { PATIENCE_MS, until } from './wait.js';

const screenSize = { width: 390, height: 844 };

// --- Firefox, by WebDriver BiDi -----------------------------------------------------------------

const preferences = {
    'media.navigator.streams.fake': true, 'media.navigator.permission.disabled': true, 'intl.accept_languages': 'en-GB',
    'dom.ipc.processCount': 1, 'layers.acceleration.disabled': true, 'extensions.enabledScopes': 0,
    'browser.safebrowsing.enabled': false, 'network.captive-portal-service.enabled': false,
};

class Firefox {
    constructor(browser, page, url) {
        Object.assign(this, { browser, page, url });
    }

    goto(path) {
        return this.page.goto(this.url + path, { waitUntil: 'domcontentloaded' });
    }

    reload() {
        return this.page.reload({ waitUntil: 'domcontentloaded' });
    }

    evaluate(work, given) {
        return this.page.evaluate(work, given);
    }

    click(css) {
        return this.page.click(css);
    }

    type(css, text) {
        return this.page.type(css, text);
    }

    press(key) {
        return this.page.keyboard.press(key);
    }

    close() {
        return this.browser.close();
    }
}

export async function openFirefox(url) {
    const browser = await puppeteer.launch({ browser: 'firefox', executablePath: find('firefox-esr'), headless: true,
        extraPrefsFirefox: preferences, protocolTimeout: PATIENCE_MS, timeout: PATIENCE_MS });
    const [page] = await browser.pages();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.setViewport(screenSize);
    return new Firefox(browser, page, url);
}

// --- WebKit, by WebDriver (W3C) -----------------------------------------------------------------

// The browser that comes with WebKitGTK, for whichever processor.
const findMiniBrowser = () => readdirSync('/usr/lib')
    .map((directory) => join('/usr/lib', directory, 'webkit2gtk-4.1/MiniBrowser')).find((path) => existsSync(path));

const keys = { Escape: '\uE00C', Enter: '\uE007' };
const SCRIPT_MS = 10_000;
const elementKey = 'element-6066-11e4-a52e-4f735466cecf';

class WebKit {
    // driver: the address of WebKitWebDriver; programs: to end with it
    constructor(driver, programs, url) {
        Object.assign(this, { driver, programs, url });
    }

    async ask(method, path, body) {
        const answer = await fetch(`${this.driver}${path}`,
            { method, body: method === 'POST' ? JSON.stringify(body ?? {}) : undefined });
        const { value } = await answer.json();
        if (!answer.ok) throw new Error(`${path}: ${value.error}: ${value.message}`);
        return value;
    }

    async begin() {
        const options = { binary: findMiniBrowser(),
            args: ['--automation', '--enable-media-stream=true', '--enable-mock-capture-devices=true'] };
        const capabilities = { alwaysMatch: { pageLoadStrategy: 'none', 'webkitgtk:browserOptions': options } };
        const { sessionId } = await this.ask('POST', '/session', { capabilities });
        this.driver += `/session/${sessionId}`;
        await this.ask('POST', '/timeouts', { script: SCRIPT_MS, pageLoad: PATIENCE_MS });
        return this;
    }

    goto(path) {
        return this.#load(() => this.ask('POST', '/url', { url: this.url + path }));
    }

    reload() {
        return this.#load(() => this.ask('POST', '/refresh'));
    }

    // The driver itself would sometimes wait for the end of a load that has already ended.
    async #load(go) {
        await this.#run('globalThis.isLeft = true;', []);
        await go();
        await until(() => this.#run("return !globalThis.isLeft && document.readyState !== 'loading';", []).catch(() => false));
    }

    // A promise is asked for its value: the driver may lose an answer that comes later.
    async evaluate(work, given) {
        const begun = await this.#run(`const answer = (${work})(arguments[0]);
            if (!(answer instanceof Promise)) return [answer ?? null];
            globalThis.evaluated = null;
            answer.then((value) => (evaluated = [value ?? null]), (error) => (evaluated = { error: String(error) }));
            return null;`, [given ?? null]);
        const answer = begun ?? await until(() => this.#run('return globalThis.evaluated;', []));
        if (answer.error) throw new Error(answer.error);
        return answer[0];
    }

    #run(script, args) {
        return this.ask('POST', '/execute/sync', { script, args });
    }

    async #element(css) {
        const found = await this.ask('POST', '/element', { using: 'css selector', value: css });
        return found[elementKey];
    }

    async click(css) {
        await this.ask('POST', `/element/${await this.#element(css)}/click`);
    }

    async type(css, text) {
        await this.ask('POST', `/element/${await this.#element(css)}/value`, { text });
    }

    async press(key) {
        const actions = ['keyDown', 'keyUp'].map((type) => ({ type, value: keys[key] }));
        await this.ask('POST', '/actions', { actions: [{ type: 'key', id: 'keys', actions }] });
    }

    async close() {
        await this.ask('DELETE', '').catch(() => {});
        for (const program of this.programs.reverse()) {
            if (program.exitCode !== null || program.signalCode !== null) continue;
            const ended = once(program, 'exit');
            process.kill(-program.pid); // with the browser that it has started
            await ended;
        }
    }
}

// A screen without a display. → its name
async function openScreen(programs) {
    const screen = spawn(find('Xvfb'), ['-displayfd', '3', '-screen', '0', '800x900x24', '-nolisten', 'tcp'],
        { stdio: ['ignore', 'ignore', 'ignore', 'pipe'], detached: true });
    programs.push(screen);
    const [number] = await once(screen.stdio[3], 'data');
    return `:${String(number).trim()}`;
}

export async function openWebKit(url) {
    const programs = [];
    const home = temporaryDirectory();
    for (const part of ['data', 'cache', 'config', 'run']) mkdirSync(join(home, part), { mode: 0o700 });
    const port = await freePort();
    const environment = { ...process.env, DISPLAY: await openScreen(programs), HOME: home, LANG: 'C.UTF-8',
        XDG_DATA_HOME: join(home, 'data'), XDG_CACHE_HOME: join(home, 'cache'), XDG_CONFIG_HOME: join(home, 'config'),
        XDG_RUNTIME_DIR: join(home, 'run'), GDK_BACKEND: 'x11', LIBGL_ALWAYS_SOFTWARE: '1', NO_AT_BRIDGE: '1',
        WEBKIT_DISABLE_COMPOSITING_MODE: '1', GSETTINGS_BACKEND: 'memory' };
    programs.push(spawn(find('WebKitWebDriver'), [`--port=${port}`], { env: environment, stdio: 'ignore', detached: true }));
    const driver = `http://127.0.0.1:${port}`;
    const browser = new WebKit(driver, programs, url);
    try {
        await until(() => fetch(`${driver}/status`).then((answer) => answer.ok, () => false));
        return await browser.begin();
    } catch (error) {
        await browser.close();
        throw error;
    }
}
