// Settings: a flag overrides the environment, the environment overrides the file; errors name their
// place.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { einlass } from '../harness/command.js';
import { openHouse } from '../harness/house.js';
import { freePort, startService } from '../harness/service.js';
import { until } from '../harness/wait.js';

const house = await openHouse({ serve: false });
const { database, keys } = house.settings;

// → the error of `check` for these settings
async function complaint(words, settings) {
    const { status, stdout, stderr } = await einlass([...words, 'check'], { settings });
    assert.deepEqual({ status, stdout }, { status: 2, stdout: '' }, stderr);
    assert.match(stderr, /^einlass: .*\n$/, 'one line');
    return stderr.slice('einlass: '.length, -1);
}

test('a flag is stronger than the environment, the environment than the file', async () => {
    const file = house.file('all.conf', 'log_level = wrong in the file\n');
    const environment = { log_level: 'wrong in the environment' };
    const flag = ['--log-level', 'wrong in the flag'];
    assert.match(await complaint(['--config', file]), /^\S*all\.conf:1: log_level = wrong in the file: /);
    assert.match(await complaint(['--config', file], environment),
        /^EINLASS_LOG_LEVEL: log_level = wrong in the environment: /);
    assert.match(await complaint(['--config', file, ...flag], environment),
        /^--log-level: log_level = wrong in the flag: /);
    assert.match(await complaint([...flag, '--config', file], environment), /wrong in the flag/);
    assert.match(await complaint([], { config: file }), /wrong in the file/);
});

test('a file has comments, blanks, and keys with hyphens or underscores', async () => {
    const file = house.file('good.conf',
        `# where the data is\n\n  database = ${database}  \nkeys=${keys}\n\tpublic-url = http://a.example/\n`);
    for (const words of [['--config', file, 'check'], ['check', `--config=${file}`]]) {
        const { status, stderr } = await einlass(words);
        assert.equal(status, 0, stderr);
    }
});

for (const [content, said] of [
    ['# one\nwurkers = 3\n', /:2: "wurkers" is no setting/],
    ['workers 3\n', /:1: "workers 3" is no setting \(key = value\)/],
    ['\n\nworkers = 0\n', /:3: workers = 0: a number from 1 to 64 is needed/],
    ['stop_delay = 61\n', /:1: stop_delay = 61: a number from 0 to 60 is needed/],
    ['workers = 65\n', /:1: workers = 65: /],
    ['public_url = tickets.example.org\n', /:1: public_url = .* is needed/],
    [`\n# ${'x'.repeat(5000)}\nworkers = 2\n`, /:2: a line has at most/],
]) {
    test(`in a file this is refused with its line: ${JSON.stringify(content.slice(0, 40))}`, async () => {
        assert.match(await complaint(['--config', house.file('bad.conf', content)]), said);
    });
}

test('a file that cannot be read is no empty file', async () => {
    for (const file of ['/nowhere/einlass.conf', house.directory])
        assert.match(await complaint(['--config', file]), /^cannot read the settings file/);
});

test('check finds addresses that serve could not use', async () => {
    for (const [settings, said] of [
        [{ listen: 'nowhere' }, /^einlass: cannot listen on nowhere: .*HOST:PORT/],
        [{ listen: '127.0.0.1:99999' }, /^einlass: cannot listen on 127\.0\.0\.1:99999: /],
        [{ listen: 'unix:' }, /^einlass: cannot listen on /],
        [{ trusted_proxies: '10.0.0.0/99' }, /^einlass: trusted_proxies: "10\.0\.0\.0\/99" is no /],
    ]) {
        for (const command of ['check', 'serve']) {
            const { status, stderr } = await house.command([command], { settings });
            assert.equal(status, 1);
            assert.match(stderr, said);
            assert.equal(stderr.split('\n').length, 2, stderr);
        }
    }
});

test('a second service does not take half of the requests of the first', async () => {
    const listen = `127.0.0.1:${await freePort()}`;
    await startService({ ...house.settings, listen });
    const { status, stderr } = await house.command(['serve'], { settings: { listen } });
    assert.equal(status, 1);
    assert.match(stderr, /^einlass: cannot listen on \S+: Address already in use\n$/);
});

test('it listens on a unix socket, which goes when it ends', async () => {
    const path = join(house.directory, 'einlass.sock');
    const service = await startService({ ...house.settings, listen: `unix:${path}` });
    assert.equal((await service.http.get('/healthz')).status, 200);
    assert.ok(statSync(path).isSocket());
    await service.stop();
    assert.ok(!existsSync(path));
});

test('HUP reads the file again: the log level changes, a bad file changes nothing', async () => {
    const config = house.file('hup.conf', 'log_level = error\n');
    const service = await startService({ ...house.settings, config, workers: 1 });
    const logged = (path) => service.log.some(({ route }) => route === path);
    const ask = async (path) => { // one worker: the first request is logged before the second answer
        await service.http.get(path);
        await service.http.get('/metrics');
    };
    const reload = async (content, message) => {
        house.file('hup.conf', content);
        service.signal('SIGHUP');
        return await until(() => service.log.find((line) => line.message === message));
    };
    await ask('/healthz');
    await reload('log_level = info\n', 'reloaded');
    assert.equal(logged('/healthz'), false);
    await ask('/healthz');
    await until(() => logged('/healthz'));
    const { reason } = await reload('log_level = error\nwurkers = 3\n', 'reload_failed');
    assert.match(reason, /hup\.conf:2: "wurkers" is no setting/);
    await ask('/readyz');
    await until(() => logged('/readyz'));
});

test('HUP may come a hundred times: a new key counts, and a leaked one no longer does', async () => {
    const service = await startService({ ...house.settings, workers: 2 });
    const reloaded = () => service.log.filter(({ message }) => message === 'reloaded').length;
    for (let count = 1; count <= 100; count++) {
        service.signal('SIGHUP');
        await until(() => reloaded() === count);
    }
    const keys = async () => (await service.http.get('/.well-known/jwks.json')).json().keys.length;
    const leaked = readdirSync(house.settings.keys).filter((name) => name.endsWith('.jwk'));
    await house.mustCommand(['keys', 'rotate']);
    service.signal('SIGHUP');
    await until(async () => await keys() === leaked.length + 1);
    for (const name of leaked) unlinkSync(join(house.settings.keys, name));
    service.signal('SIGHUP');
    await until(async () => await keys() === 1);
    assert.ok(!service.log.some(({ message }) => message === 'reload_failed'));
    await service.stop();
});

test('the level "warning" may be called "warn", as many do', async () => {
    const service = await startService({ ...house.settings, workers: 1, log_level: 'warn' });
    await service.http.get('/healthz');
    await service.stop();
    assert.deepEqual(service.log.filter(({ level }) => level === 'info' || level === 'debug'), []);
});
