// What breaks, one after the other. Each fault breaks something of running machines, waits until guests are
// served again, and mends it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { repository } from '../harness/paths.js';
import { until } from './machines.js';

// The program with one more migration; tests/run ha builds it.
const programOfTomorrow = join(repository, 'build-tests/tests/ha/einlass-of-tomorrow');

// A new primary has taken over, and guests have gone on with it.
async function takesOver(machines, crowd, former) {
    await until(async () => (await machines.primary()) !== former, () => machines.state());
    await crowd.goesOn();
}

export const faults = {
    'primary killed': async ({ machines, crowd }) => {
        const primary = await machines.primary();
        primary.killPostgres();
        await takesOver(machines, crowd, primary);
    },

    'network of the primary cut': async ({ machines, crowd }) => {
        const primary = await machines.primary();
        primary.cutNetwork();
        await takesOver(machines, crowd, primary);
        primary.joinNetwork();
    },

    'primary unfenced': async ({ machines, crowd }) => {
        const primary = await machines.primary();
        await primary.daemons.patroni.end('SIGKILL');
        await takesOver(machines, crowd, primary);
        assert.ok(primary.postgresRuns(), 'there were no two primaries');
        primary.startPatroni();
    },

    'one etcd killed': async ({ machines, crowd }) => {
        const primary = await machines.primary();
        await primary.daemons.etcd.end('SIGKILL');
        await crowd.goesOn(200);
        primary.startEtcd();
    },

    'two etcds killed': async ({ machines, crowd }) => {
        const primary = await machines.primary();
        const lost = machines.all.slice(0, 2);
        await Promise.all(lost.map((machine) => machine.daemons.etcd.end('SIGKILL')));
        await until(async () => (await primary.patroni())?.failsafe_mode_is_active, () => machines.state());
        await crowd.goesOn(200);
        for (const machine of lost) machine.startEtcd();
    },

    'instance killed': async ({ machines, crowd }) => {
        const [machine] = machines.all;
        await machine.daemons.einlass.end('SIGKILL');
        await crowd.goesOn(200);
        machine.startEinlass();
    },

    'instance frozen': async ({ machines, crowd }) => {
        const [machine] = machines.all;
        machine.daemons.einlass.child.kill('SIGSTOP');
        await crowd.goesOn(200);
        machine.daemons.einlass.child.kill('SIGCONT');
    },

    switchover: async ({ machines, crowd }) => {
        const primary = await machines.primary();
        await machines.patronictl(['switchover', '--force']);
        await takesOver(machines, crowd, primary);
    },

    'rolling upgrade with a migration': async ({ machines, crowd }) => {
        await machines.migrate(programOfTomorrow);
        await crowd.goesOn();
        for (const machine of machines.all) {
            await machine.daemons.einlass.end();
            machine.startEinlass(programOfTomorrow);
            await until(() => machine.isReady(), () => machines.state());
        }
    },
};
