// The Debian package is installed, upgraded and purged in a bare Debian.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { run } from '../harness/command.js';
import { repository, temporaryDirectory } from '../harness/paths.js';
import { createDatabase } from '../harness/postgres.js';

const skip = process.getuid() !== 0 && 'chroot needs root';
const root = join(temporaryDirectory(), 'root');
let deb, database, bare;

async function must(file, words, options) {
    const { status, stdout, stderr } = await run(file, words, { timeoutMs: 1_200_000, ...options });
    assert.equal(status, 0, `${file} ${words.join(' ')}\n${stdout}${stderr}`);
    return stdout;
}

// A minimal Debian with what the package says it needs, and nothing else. Making it takes a minute, so
// it is kept for the next time.
async function layBase() {
    const needed = (await must('dpkg-deb', ['-f', deb, 'Depends'])).split(',').map((each) => each.trim().split(/[ |(]/)[0])
        .map((name) => name.replace(/^systemd$/, 'systemd-standalone-sysusers'));
    const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'einlass');
    const kept = join(cache, `debian-${createHash('sha256').update(needed.join()).digest('hex').slice(0, 16)}.tar`);
    const sources = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'].filter(existsSync).slice(0, 1);
    if (!existsSync(kept)) {
        mkdirSync(cache, { recursive: true });
        const leaveOut = ['doc', 'locale', 'man', 'zoneinfo'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
        await must('mmdebstrap', ['--quiet', '--mode=root', '--variant=essential', '--format=tar', `--include=${needed}`, ...leaveOut,
            '--dpkgopt=path-include=/usr/share/*/einlass*', '--dpkgopt=force-unsafe-io', 'bookworm', `${kept}.${process.pid}`, ...sources]);
        renameSync(`${kept}.${process.pid}`, kept);
    }
    await must('tar', ['-C', root, '-xf', kept, '--exclude=./dev/*']);
    // PostgreSQL knows its clients by their number.
    const [uid, gid] = (await must('stat', ['-c', '%u %g', database.cluster.socket])).trim().split(' ');
    appendFileSync(join(root, 'etc/passwd'), `postgres:x:${uid}:${gid}::/:/bin/sh\n`);
    appendFileSync(join(root, 'etc/group'), `postgres:x:${gid}:\n`);
    mkdirSync(join(root, 'run/postgresql'), { recursive: true });
    writeFileSync(join(root, 'dev/null'), '');
}
const entering = `mount --bind "$1" "$0/run/postgresql" && mount --bind /dev/null "$0/dev/null" && shift &&
    exec chroot "$0" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive sh -c "$1"`;

// Runs a line of the shell in it; its mounts end with it. → {status, stdout, stderr}
const inside = (line) => run('unshare', ['--mount', 'sh', '-c', entering, root, database.cluster.socket, line],
    { timeoutMs: 300_000 });

async function mustInside(line) {
    const { status, stdout, stderr } = await inside(line);
    assert.equal(status, 0, `${line}\n${stdout}${stderr}`);
    return stdout + stderr;
}

const files = async () => (await mustInside(`find / -xdev -not -path '/proc/*' -not -path '/run/*' -not -path '/tmp/*'
    -not -path '/var/lib/dpkg/*' -not -path '/var/cache/*' -not -path '/var/log/*' -not -path '/etc/*-' | sort`.replace(/\n/g, ' '))).split('\n');
const install = (name) => mustInside(`dpkg --install --force-confold /tmp/${name}`);

// The same package with a later version.
async function makeLater(name) {
    const place = join(root, 'tmp/later');
    if (!existsSync(place)) await must('dpkg-deb', ['-R', deb, place]);
    const control = join(place, 'DEBIAN/control');
    writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, (line) => `${line}.later`));
    await must('dpkg-deb', ['-Znone', '-b', place, join(root, `tmp/${name}.deb`)]);
}

before(async () => {
    if (skip) return;
    deb = (await must(join(repository, 'deploy/package'), [])).trim();
    database = await createDatabase({ migrated: false });
    await database.cluster.asSuperuser((client) => client.query(`alter database ${database.name} owner to einlass_owner`));
    mkdirSync(root);
    await layBase();
    copyFileSync(deb, join(root, 'tmp/first.deb'));
    bare = await files();
});

const version = () => database.value('select max(version) from schema_migration');

test('it is installed: program, unit, manual, user, and settings that others cannot read', { skip }, async () => {
    const said = await install('first.deb');
    assert.match(said, /Edit \/etc\/einlass\/einlass.conf/);
    assert.match(await mustInside('einlass --version'), /^einlass \d/);
    assert.equal(await mustInside("stat -c '%A %U %G' /etc/einlass/einlass.conf /var/lib/einlass"),
        '-rw-r----- root einlass\ndrwx------ einlass einlass\n');
    const added = (await files()).filter((path) => !bare.includes(path));
    for (const path of ['/usr/bin/einlass', '/lib/systemd/system/einlass.service', '/lib/systemd/system/einlass.socket', '/usr/share/man/man1/einlass.1.gz',
        '/usr/share/man/man5/einlass.conf.5.gz', '/usr/share/doc/einlass/operations.md.gz', '/usr/share/doc/einlass/examples/pgbackrest.conf'])
        assert.ok(added.includes(path) || added.includes(`/usr${path}`), path);
    assert.ok(!added.some((path) => /multi-user.target.wants/.test(path)), 'the operator starts it');
    const unit = readFileSync(join(root, 'lib/systemd/system/einlass.service'), 'utf8');
    for (const [, path] of unit.matchAll(/^Exec\w+=(\/usr\S+).*$/gm)) assert.ok(added.includes(path), path);
    // The settings that it ships are good.
    await mustInside('runuser -u einlass -- einlass --config /etc/einlass/einlass.conf keys rotate');
    assert.match((await inside('runuser -u einlass -- einlass --config /etc/einlass/einlass.conf check')).stderr, /^einlass: .*(connect|database|role)/);
    await assert.rejects(version(), /schema_migration/, 'nobody touched the database');
});

test('the program is hardened: checked calls, guarded stacks, and a linker whose tables are read-only', { skip }, async () => {
    const said = await must('readelf', ['--wide', '--file-header', '--program-headers', '--dynamic', '--dyn-syms', join(root, 'usr/bin/einlass')]);
    for (const sign of [/Type: +DYN \(Position-Independent Executable/, /^ +GNU_RELRO /m, /\(FLAGS\) .*BIND_NOW/, /^ +GNU_STACK .* RW +0x/m])
        assert.match(said, sign);
    for (const call of ['__stack_chk_fail', '__snprintf_chk', '__memcpy_chk', '__fprintf_chk']) assert.ok(said.includes(` ${call}@`), call);
    const commands = JSON.parse(readFileSync(join(repository, 'build/compile_commands.json'), 'utf8'))
        .filter(({ file }) => file.includes('service/')).map(({ command }) => command);
    for (const flag of [' -D_FORTIFY_SOURCE=3', ' -fstack-protector-strong', ' -fstack-clash-protection', ' -fcf-protection'])
        assert.ok(commands.length > 100 && commands.every((command) => command.includes(flag)), flag);
});

test('an upgrade asks whether to update the database, and keeps the settings', { skip }, async () => {
    const conf = join(root, 'etc/einlass/einlass.conf');
    const edited = readFileSync(conf, 'utf8').replace(/dbname=einlass/, `dbname=${database.name}`);
    writeFileSync(conf, edited);
    await makeLater('second');
    assert.match(await install('second.deb'), /the database was not updated/);
    await assert.rejects(version(), /schema_migration/, 'without an answer nothing is migrated');

    const answer = (owner) => mustInside(`printf '%s\\n' 'einlass einlass/migrate boolean true' 'einlass einlass/owner string ${owner}' | debconf-set-selections`);
    await makeLater('third');
    await answer('dbname=nowhere options=-crole=einlass_owner');
    assert.match(await install('third.deb'), /could not be updated and is as it was/);
    await makeLater('fourth');
    await answer(`dbname=${database.name} options=-crole=einlass_owner`);
    assert.match(await install('fourth.deb'), /the database is up to date/);
    assert.ok(await version() > 0);
    assert.match(await mustInside('debconf-show einlass'), /einlass\/migrate: false/, 'the answer counts once');
    assert.equal(readFileSync(conf, 'utf8'), edited);
    assert.match(await mustInside("stat -c '%A %U %G' /etc/einlass/einlass.conf"), /^-rw-r----- root einlass$/m);
    await mustInside(`runuser -u postgres -- einlass --database 'user=einlass dbname=${database.name}' event list`);
});

test('purged, it leaves nothing but keys that somebody made, and never touches the database', { skip }, async () => {
    const said = await mustInside('dpkg --purge einlass');
    assert.match(said, /the database was not removed/);
    assert.match(said, /\/var\/lib\/einlass and the user einlass stay/);
    assert.ok(await version() > 0);
    const left = (await files()).filter((path) => !bare.includes(path));
    assert.ok(left.length > 0 && left.every((path) => path.startsWith('/var/lib/einlass')), left.join('\n'));
    await mustInside('rm -r /var/lib/einlass');

    await install('first.deb');
    assert.doesNotMatch(await mustInside('dpkg --purge einlass'), /stay/);
    assert.deepEqual(await files(), bare);
    assert.equal(await mustInside('debconf-show einlass'), '');
});
