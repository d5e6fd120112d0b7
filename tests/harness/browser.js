// Debian's Chromium as a visitor's browser. Whatever a visit provokes that nobody would want fails
// it: errors on the console, breaches of the Content-Security-Policy, requests that fail, and
// requests to anybody but the service.
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

function findChromium() {
    const candidates = process.env.PATH.split(delimiter).map((directory) => join(directory, 'chromium'));
    const found = candidates.find((path) => {
        try {
            accessSync(path, constants.X_OK);
            return true;
        } catch {
            return false;
        }
    });
    assert.ok(found, 'chromium is not installed');
    return found;
}

// Chromium's sandbox refuses to serve root. Going back brings back the page as it was left, as
// with everybody's browser: playwright would switch that off.
const launching = (moreFlags = []) => ({
    executablePath: findChromium(), args: [...flags, ...moreFlags], chromiumSandbox: process.getuid() !== 0,
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
});

export const launchChromium = (moreFlags) => chromium.launch(launching(moreFlags));

// → a context of a browser of its own that keeps its profile in this directory. options: visitor()
export const launchProfile = (directory, options) =>
    chromium.launchPersistentContext(directory, { ...launching(), ...options });

export const size = (width) => ({ width, height: heights[width] ?? 900 });

// → options of a context as a visitor has it
export function visitor({ width = 1280, scheme = 'light', language = 'en', javascript = true } = {}) {
    return {
        viewport: size(width), colorScheme: scheme, locale: locales[language] ?? language,
        javaScriptEnabled: javascript, isMobile: width < 600, hasTouch: width < 600,
        timezoneId: 'Europe/Berlin', reducedMotion: 'reduce',
    };
}

// Takes the time that people take over a form before they send it, from when the service wrote it.
// page: or the frame it is in.
export async function readThrough(page) {
    const seenMs = await page.evaluate(
        `performance.now() - performance.getEntriesByType('navigation')[0].responseStart`);
    await sleep(Math.max(0, LEAST_MS + 50 - seenMs));
}

// → a growing list of sentences about what went wrong in this context. That the service refuses
// what somebody navigates to is a page of its own; anything else must come.
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
        // A second click, or a download, ends the navigation that was under way; and whoever leaves
        // a page, what its scripts had asked for. Chromium calls answers without a body aborted, too.
        const isOver = request.isNavigationRequest() || request.resourceType() === 'fetch';
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

// One visitor's page, and what it provoked so far.
class Tab {
    constructor(context, page, complaints) {
        Object.assign(this, { context, page, complaints });
    }

    // Fails for what work(page) provoked, or adds it to the reason why work failed.
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

    // A visitor of its own for work(page), with the same options.
    async visit(options, work) {
        const tab = await this.open(options);
        try {
            return await tab.use(work);
        } finally {
            await tab.context.close();
        }
    }
}

// url: where the service is. One for each file of tests; it closes when the file is done.
export async function openBrowser(url, moreFlags) {
    const launched = await launchChromium(moreFlags);
    after(() => launched.close());
    return new Browser(launched, url);
}
