// A table is lost, and the database goes back to the minute before: with pgBackRest, as
// docs/operations.md and deploy/pgbackrest.conf say. Those whose data was erased meanwhile stay erased.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFileSync, chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { api, attendeeOf, attendeePath, expect, page, several } from '../harness/attendee.js';
import { run } from '../harness/command.js';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { repository, temporaryDirectory } from '../harness/paths.js';
import { startCluster } from '../harness/postgres.js';
import { until } from '../harness/wait.js';

const cluster = await startCluster();
const home = temporaryDirectory();
const data = join(cluster.directory, 'data');
const config = join(home, 'pgbackrest.conf');
const asPostgres = process.getuid() === 0 ? ['setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--init-groups'] : ['env'];

async function pgbackrest(...words) {
    const { status, stdout, stderr } = await run(asPostgres[0],
        [...asPostgres.slice(1), 'pgbackrest', `--config=${config}`, '--stanza=einlass', ...words]);
    assert.equal(status, 0, `pgbackrest ${words}: ${stdout}${stderr}`);
    return stdout;
}

// The shipped settings, with this test's directories.
function configure() {
    const { uid, gid } = statSync(data);
    let text = readFileSync(join(repository, 'deploy/pgbackrest.conf'), 'utf8');
    const set = (name, value, pattern = /.+/.source) => {
        const line = new RegExp(`^${name}=${pattern}$`, 'm');
        assert.match(text, line);
        text = text.replace(line, `${name}=${value}`);
    };
    const places = Object.fromEntries(['repo', 'log', 'lock', 'spool'].map((name) => [name, join(home, name)]));
    for (const place of Object.values(places)) {
        mkdirSync(place);
        chownSync(place, uid, gid);
    }
    set('repo1-path', places.repo);
    set('repo1-cipher-pass', 'secret of the test', 'CHANGE-ME');
    set('pg1-path', `${data}\npg1-socket-path=${cluster.socket}\npg1-user=postgres`);
    text = text.replace('[global]\n', `[global]\nlog-path=${places.log}\nlock-path=${places.lock}\nspool-path=${places.spool}\n`);
    writeFileSync(config, text);
    chownSync(config, uid, gid);
    chmodSync(config, 0o600);
}

configure();
await cluster.asSuperuser(async (client) => {
    await client.query('alter system set archive_mode = on');
    await client.query(`alter system set archive_command = 'pgbackrest --config=${config} --stanza=einlass archive-push %p'`);
});
await cluster.stop();
await cluster.start();
await pgbackrest('stanza-create');

const listDirectory = join(home, 'list');
mkdirSync(listDirectory);
const erasures = join(listDirectory, 'erasures');
const house = await openHouse({ cluster, settings: { erasures } });
house.settings.erasures = erasures;
const { registered, shown, companionPath } = attendeeOf(house);
const event = await house.apply(plainEvent());
const manager = await house.token();
const device = await house.device(event);
const verdict = async ({ attendees: [{ ticket }] }) => (await house.scan(event, device, { ticket })).json().verdict;

const listed = () => readFileSync(erasures, 'utf8').split('\n').filter((line) => line && !line.startsWith('#'));
const erase = (registration) => expect(200, house.http.delete(api(registration, '/data')));

// Everybody whose data must be gone has this word in it.
const word = 'vanishing';
const person = (name) => plainGuest({ email: `${name}@${word}.example`, attendees: [{ name: `${name} ${word}` }] });
async function occurrences() {
    const tables = await house.database.query(`select relname as name from pg_class
        where relkind = 'r' and relnamespace = 'public'::regnamespace`);
    const counts = await Promise.all(tables.map(({ name }) => house.database.value(
        `select count(*)::integer from ${name} as row where row::text like $1`, [`%${word}%`])));
    return counts.reduce((sum, count) => sum + count, 0);
}

const early = await registered(event);
const byGuest = await registered(event, person('guest'));
await pgbackrest('backup', '--type=full');

// After the backup: only the archived WAL has it.
const late = await registered(event);
const scanned = await registered(event);
const byOrganiser = await registered(event, person('organiser'));
const party = await registered(event, several(2, {
    attendees: [{ name: 'One' }, { name: `Companion ${word}`, email: `companion@${word}.example` }] }));
await expect(200, house.http.post(`/api/v1/events/${event}/invitations/add`, { token: manager,
    json: { people: [{ email: `invited@${word}.example`, name: `Invited ${word}` }] } }));
assert.equal(await verdict(scanned), 'admitted');
// A backup is good for what came after its last second, as pgBackRest counts.
const [{ backup: backups }] = JSON.parse(await pgbackrest('info', '--output=json'));
await until(async () => Number(await house.database.value('select extract(epoch from clock_timestamp())')) >= backups.at(-1).timestamp.stop + 1);
const before = await house.database.value('select clock_timestamp()::text');

test('an erasure is acknowledged when it is on the list outside the database', async () => {
    assert.match(await house.mustCommand(['check']), /in order/);
    assert.ok(!existsSync(erasures), 'the list belongs to the user of the service, who makes it');
    await erase(byGuest);
    assert.deepEqual(listed().map((line) => line.split(' ').slice(2)), [[byGuest.id]]);
    await expect(200, house.http.post(`/api/v1/events/${event}/attendees/${byOrganiser.attendees[0].id}/erase`,
        { token: manager, json: { version: 1 } }));
    assert.equal(listed().length, 2);

    // A crash leaves half of a line, and an erasure that is on no list.
    appendFileSync(erasures, '2026-11-27T09:59:58Z 0190');
    await house.database.query('update erasure set is_listed = false where registration_id = $1', [byGuest.id]);
    await expect(303, house.http.post(companionPath(party, 1), { form: {} }));
    const companion = await house.database.value('select registration_id from attendee where attendee_id = $1', [party.attendees[1].id]);
    await expect(200, house.http.delete(`/api/v1/registrations/${companion}/data`, { token: manager }));
    const invited = await registered(event, person('invited'));

    // A list that cannot be written is no reason to refuse an erasure. It is written later.
    renameSync(listDirectory, `${listDirectory}-away`);
    await erase(invited);
    await house.service.logs('erasures_not_listed');
    assert.match((await house.command(['check'])).stderr, /cannot write the list of erasures \S+: No such file or directory\n$/);
    renameSync(`${listDirectory}-away`, listDirectory);
    const newer = await registered(event, person('newer'));
    await erase(newer);
    assert.deepEqual(listed().map((line) => line.split(' ')[2]),
        [byGuest.id, byOrganiser.id, byGuest.id, companion, invited.id, newer.id]);
    for (const line of readFileSync(erasures, 'utf8').split('\n').slice(0, -1))
        assert.match(line, /^(#.*|\S+Z( [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}){2,})$/);
    assert.doesNotMatch(readFileSync(erasures, 'utf8'), new RegExp(word));
    assert.equal(await occurrences(), 0);
    assert.match(await house.mustCommand(['check']), /in order/);
});

test('a lost table comes back with the minute before, and nobody comes back who was erased', async () => {
    await house.database.query('drop table ticket cascade');
    await house.service.stop();
    await cluster.stop();
    await pgbackrest('restore', '--type=time', `--target=${before}`, '--target-action=promote');
    await cluster.start();
    await until(async () => !await house.database.value('select pg_is_in_recovery()'));

    assert.ok(await occurrences() > 0, 'the control: the backup has them');
    const found = await house.command(['check']);
    assert.equal(found.status, 1);
    assert.match(found.stderr, /has data of 4 registrations that .*erasures calls erased: .*"einlass erasures replay /);
    assert.match(await house.mustCommand(['erasures', 'replay', erasures, '--dry-run']), /; 4 registrations would be erased again\n$/);
    assert.ok(await occurrences() > 0, 'which erases nothing');
    const copy = house.file('of another instance', readFileSync(erasures, 'utf8'));
    assert.match(await house.mustCommand(['erasures', 'replay', erasures, copy]), /; 4 registrations erased again\n$/);
    assert.equal(await occurrences(), 0);
    assert.match(await house.mustCommand(['check']), /in order/);
    assert.match(await house.mustCommand(['erasures', 'replay', erasures]), /; 0 registrations erased again\n$/);
    assert.deepEqual(await house.database.query("select distinct actor from audit_entry where action = 'registration.erase'"),
        [{ actor: 'command' }]);

    // Somebody who had taken their place over, and cannot do it in this database.
    const eventId = await house.database.value('select event_id from event');
    const line = `2026-11-27T09:59:58Z ${eventId} ${randomUUID()} ${party.attendees[0].id}`;
    const alone = await house.command(['erasures', 'replay', house.file('alone', `${line}\n`)]);
    assert.equal(alone.status, 1);
    assert.match(alone.stderr, new RegExp(`erase at the desk, .*: attendee ${party.attendees[0].id} `));
    const damaged = await house.command(['erasures', 'replay', house.file('damaged', `# a comment\n${line.slice(0, -1)}\n`)]);
    assert.deepEqual([damaged.status, damaged.stdout], [1, '']);
    assert.match(damaged.stderr, /damaged:2: the line is no erasure\n$/);
});

test('then tickets, links, counts and sign-ups are as before', async () => {
    await house.serve();
    for (const { ticket } of [...early.attendees, ...late.attendees])
        assert.equal(JSON.parse(await house.mustCommand(['ticket', 'verify'], { input: ticket })).event, event);
    assert.deepEqual(await Promise.all([early, late, scanned, byGuest, byOrganiser].map(verdict)),
        ['admitted', 'admitted', 'already_admitted', 'cancelled', 'cancelled']);
    for (const registration of [early, late, scanned, party]) await expect(200, house.http.get(page(registration)));
    assert.match((await house.http.get(page(byGuest))).body, /Erased: the data of this registration/);
    assert.equal((await shown(party)).attendees.length, 1, 'the companion is gone, the other one stays');
    const fresh = await registered(event);
    assert.equal(fresh.status, 'confirmed');
    assert.equal(await verdict(fresh), 'admitted');
    assert.equal(await house.database.value('select taken from tally'),
        await house.database.value("select count(*)::integer from attendee where status = 'confirmed'"));
});

test('backups go on after the restore, and end when docs/privacy.md says so', async () => {
    const backups = async () => JSON.parse(await pgbackrest('info', '--output=json'))[0].backup.map(({ label }) => label);
    const [first] = await backups();
    await pgbackrest('backup', '--type=full');
    const [, second] = await backups();
    const expire = async (days) => {
        const { status, stderr } = await run(asPostgres[0], [...asPostgres.slice(1), 'faketime', '-f', `+${days}d`,
            'pgbackrest', `--config=${config}`, '--stanza=einlass', 'expire']);
        assert.equal(status, 0, stderr);
        return backups();
    };
    assert.deepEqual(await expire(27), [first, second]);
    assert.deepEqual(await expire(29), [second]);
    assert.match(readFileSync(join(repository, 'docs/privacy.md'), 'utf8'), /28 days[^]*36 days/);
});
