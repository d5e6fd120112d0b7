// Debian's Chromium as a visitor's browser. A visit fails on console errors, violations of the
// Content-Security-Policy, failed requests, and requests to other servers.
import assert from 'node:assert/strict';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { LEAST_MS } from './sign_up_form.js';
import { PATIENCE_MS } from './wait.js';

const flags = ['--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const locales = { en: 'en-GB', de: 'de-DE' };
const heights = { 390: 844, 1280: 900 };

export const widths = [390, 1280];
export const schemes = ['light', 'dark'];
export const languages = ['en', 'de'];

export function find(program) {
    const candidates = process.env.PATH.split(delimiter).map((directory) => join(directory, program));
    const found = candidates.find((path) => {
        try {
            accessSync(path, constants.X_OK);
            return true;
        } catch {
            return false;
        }
    });
    assert.ok(found, `${program} is not installed`);
    return found;
}

// Chromium without a window takes a third of the time of the whole one. It keeps no page for who goes
// back, installs no application, and does not choose between cameras: tests of these take the whole one.
const windowless = 'chromium-headless-shell';

// Chromium's sandbox does not run as root. The back/forward cache is on, as in every browser; playwright
// would switch it off.
const launching = (moreFlags = [], program = windowless) => ({
    executablePath: find(program), args: [...flags, ...moreFlags], chromiumSandbox: process.getuid() !== 0,
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
});

export const launchChromium = (moreFlags, program) => chromium.launch(launching(moreFlags, program));

// → a context of a separate browser with its profile in this directory. options: visitor()
export const launchProfile = (directory, options) =>
    chromium.launchPersistentContext(directory, { ...launching(), ...options });

export const size = (width) => ({ width, height: heights[width] ?? 900 });

// → the options of a visitor's context
export function visitor({ width = 1280, scheme = 'light', language = 'en', javascript = true } = {}) {
    return {
        viewport: size(width), colorScheme: scheme, locale: locales[language] ?? language,
        javaScriptEnabled: javascript, isMobile: width < 600, hasTouch: width < 600,
        timezoneId: 'Europe/Berlin', reducedMotion: 'reduce',
    };
}

// Waits until the service accepts the form: it refuses forms that are sent too fast. page: a page or a
// frame.
export async function readThrough(page) {
    const seenMs = await page.evaluate(() =>
        performance.now() - performance.getEntriesByType('navigation')[0].responseStart);
    await sleep(Math.max(0, LEAST_MS + 50 - seenMs));
}

// → a growing list of errors of this context, as sentences. A navigation may get an error page; all
// other requests must succeed.
function watch(context, origin) {
    const complaints = [];
    context.on('console', (message) => {
        const text = message.text();
        if (message.type() === 'error' && !text.startsWith('Failed to load resource'))
            complaints.push(`console: ${text}`);
    });
    context.on('weberror', (error) => complaints.push(`script: ${error.error().stack}`));
    context.on('request', (request) => {
        const url = request.url();
        if (!/^(data|blob|about):/.test(url) && new URL(url).origin !== origin)
            complaints.push(`foreign request: ${url}`);
    });
    context.on('requestfailed', (request) => {
        const reason = request.failure()?.errorText;
        // A second click or a download aborts a navigation; leaving a page aborts its fetches and streams. Chromium
        // also reports answers without a body as aborted.
        const isOver = request.isNavigationRequest() || ['fetch', 'eventsource'].includes(request.resourceType());
        if (!(isOver && reason === 'net::ERR_ABORTED'))
            complaints.push(`failed request: ${request.method()} ${request.url()}: ${reason}`);
    });
    context.on('response', (response) => {
        const status = response.status();
        if (status >= (response.request().isNavigationRequest() ? 500 : 400))
            complaints.push(`${status}: ${response.request().method()} ${response.url()}`);
    });
    return complaints;
}

// One visitor's page and its errors.
class Tab {
    constructor(context, page, complaints) {
        Object.assign(this, { context, page, complaints });
    }

    // Runs work(page); fails with its error and the page's errors.
    async use(work) {
        this.complaints.length = 0;
        try {
            const result = await work(this.page);
            assert.deepEqual(this.complaints, []);
            return result;
        } catch (error) {
            const more = this.complaints.filter((complaint) => !error.message.includes(complaint));
            if (more.length > 0) error.message += `\nThe browser says:\n${more.join('\n')}`;
            throw error;
        }
    }
}

class Browser {
    constructor(chromium, url) {
        this.chromium = chromium;
        this.url = url;
    }

    // options: width, scheme 'light' | 'dark', language 'en' | 'de', javascript true | false
    async open(options) {
        const context = await this.chromium.newContext({ ...visitor(options), baseURL: this.url });
        context.setDefaultTimeout(PATIENCE_MS);
        const complaints = watch(context, new URL(this.url).origin);
        return new Tab(context, await context.newPage(), complaints);
    }

    // Runs work(page) as a new visitor with these options.
    async visit(options, work) {
        const tab = await this.open(options);
        try {
            return await tab.use(work);
        } finally {
            await tab.context.close();
        }
    }
}

// url: of the service; program: 'chromium' is the whole one. The browser closes when the file is done.
export async function openBrowser(url, moreFlags, program) {
    const launched = await launchChromium(moreFlags, program);
    after(() => launched.close());
    return new Browser(launched, url);
}
