// The yardstick: what a competent programmer would have without Einlass. Tables with no more than sign-ups
// and check-ins need (plain_schema.sql), and one statement for each, run by pgbench. It has no waiting list,
// no repeated requests, no ticket types, no lists and no history.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLIENTS, pgbench, RUN_SECONDS } from './pgbench.js';
import { mustRun, seconds, tools } from './tools.js';

const SET = 200;         // rows of plain_sign_up_set.sql
const SET_CLIENTS = 2;   // one plans and sends while the other waits for the disk
const SCANS_A_SECOND = 30_000; // more than pgbench manages

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8').replace(/^--.*\n/gm, '');

// Numbers that no other client or run uses, ascending for each client.
const newId = `\\set n :n + 1
\\set id (:run * 100 + :client_id) * 10000000 + :n
`;

class Plain {
    #stage;
    #first = 1_000_000_000; // of the numbers for single sign-ups

    constructor(stage) {
        this.#stage = stage;
    }

    async #count(table) {
        return Number(await this.#stage.database.value(`select count(*) from plain.${table}`));
    }

    // Fails unless each transaction added its rows. → transactions a second
    async #run(script, clients, table, rows = 1) {
        const before = await this.#count(table);
        const { rate, transactions } = await pgbench(this.#stage, script, clients, { own: false });
        assert.equal(await this.#count(table) - before, transactions * rows, `rows in plain.${table}`);
        return rate;
    }

    // → sign-ups a second, spread over so many events
    signUps(clients = CLIENTS, spread = 1) {
        const event = `\\set event random(1, ${spread})\n`;
        return this.#run(`${newId}${event}${read('plain_sign_up.sql')};\n`, clients, 'message');
    }

    // → sign-ups a second in sets
    async signUpSets() {
        const script = `${newId}\\set event 1\n${read('plain_sign_up_set.sql')};\n`;
        return SET * await this.#run(script, SET_CLIENTS, 'message', SET);
    }

    // → the milliseconds of one sign-up after the other on one connection: half are within them
    async signUpAlone() {
        const { cluster, name } = this.#stage.database;
        const statement = read('plain_sign_up.sql').replaceAll(':event', '1').replaceAll(':id', '$1');
        const words = [cluster.conninfo(name, 'einlass_owner'), statement, seconds, this.#first];
        const { answered, p50_ms: half } = JSON.parse(await mustRun(join(tools, 'alone'), words));
        this.#first += answered;
        return half;
    }

    // → check-ins a second, of tickets that this run makes anew
    async checkIns(clients = CLIENTS) {
        const each = Math.ceil(RUN_SECONDS * SCANS_A_SECOND / clients), { database } = this.#stage;
        await database.query('truncate plain.registration');
        await database.query(read('plain_fill.sql'), [1, each * clients]);
        await database.query('vacuum analyze plain.registration'); // or it is due while they are scanned
        const script = `\\set ticket 1 + :client_id * ${each} + :n\n\\set n :n + 1\n${read('plain_check_in.sql')};\n`;
        return this.#run(script, clients, 'scan');
    }

    async drop() {
        await this.#stage.database.query('drop schema plain cascade');
    }
}

export async function makePlain(stage) {
    await stage.database.query(read('plain_schema.sql'));
    await stage.database.query('analyze plain.event');
    return new Plain(stage);
}
