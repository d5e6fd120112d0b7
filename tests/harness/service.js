// The service under test: the real program with its settings.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after } from 'node:test';
import { refuseSanitizerReports, settingsEnvironment } from './command.js';
import { createClient } from './http.js';
import { program } from './paths.js';
import { PATIENCE_MS, until } from './wait.js';

export async function freePort() {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    server.close();
    await once(server, 'close');
    return port;
}

class Service {
    constructor(settings, environment) {
        Object.assign(this, { settings, environment });
        this.http = createClient(settings.listen);
        this.url = settings.public_url;
        this.stderr = '';
    }

    // The log lines as objects; skips lines that are not JSON.
    get log() {
        const lines = this.stderr.split('\n').filter((line) => line.startsWith('{'));
        return lines.map((line) => JSON.parse(line));
    }

    get runs() {
        return this.child?.exitCode === null && this.child.signalCode === null;
    }

    // Can be called again after kill(); keeps the address. ready: false does not wait for /readyz.
    async start({ ready = true } = {}) {
        this.child = spawn(program, ['serve'], {
            env: { ...process.env, ...this.environment, ...settingsEnvironment(this.settings) },
            stdio: ['ignore', 'ignore', 'pipe'],
        });
        this.child.stderr.setEncoding('utf8').on('data', (text) => (this.stderr += text));
        this.closed = once(this.child, 'close');
        if (ready) await this.becomesReady();
        return this;
    }

    async becomesReady() {
        await until(() => {
            assert.ok(this.runs, `the service ended:\n${this.stderr}`);
            return this.http.get('/readyz').then(({ status }) => status === 200, () => false);
        }, () => `the service is ready:\n${this.stderr}`);
    }

    // Waits for the first log line with this message. → the line
    logs(message) {
        return until(() => this.log.find((line) => line.message === message),
            () => `${message} in the log:\n${this.stderr}`);
    }

    signal(name) {
        this.child.kill(name);
    }

    // Sends TERM: the service must drain, leak no memory and exit with 0.
    async stop() {
        if (this.runs) {
            this.signal('SIGTERM');
            const late = setTimeout(() => this.signal('SIGKILL'), PATIENCE_MS);
            await this.closed;
            clearTimeout(late);
        }
        this.http.close();
        refuseSanitizerReports(this.stderr);
        if (!this.killed) {
            const { exitCode, signalCode } = this.child;
            const end = this.stderr.slice(-4000);
            assert.equal(signalCode ?? exitCode, 0, `the service did not end well:\n${end}`);
        }
    }

    // kill -9.
    async kill() {
        this.killed = true;
        this.signal('SIGKILL');
        await this.closed;
    }
}

// settings: at least {database, keys}. The service is stopped and checked at the end of the test or file
// that started it. ready: false does not wait for it. environment: more variables.
export async function startService(settings, { ready, environment } = {}) {
    const listen = settings.listen ?? `127.0.0.1:${await freePort()}`;
    const public_url = listen.startsWith('unix:') ? 'http://localhost' : `http://${listen}`;
    const service = new Service({ workers: 2, stop_delay: 0, public_url, ...settings, listen }, environment);
    after(() => service.stop());
    return await service.start({ ready });
}
