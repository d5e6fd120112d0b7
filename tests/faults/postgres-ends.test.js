// PostgreSQL ends a session (administrator, restart, failover) at the end of any setup step of a
// connection. The service must reconnect and never stop.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openHouse } from '../harness/house.js';
import { temporaryDirectory } from '../harness/paths.js';
import { startService } from '../harness/service.js';
import { until } from '../harness/wait.js';

const READY_FOR_QUERY = 'Z'.charCodeAt(0);
const HEAD_BYTES = 5; // of a message: its type, its length (PostgreSQL manual, section 55.7)
const STEPS = 5; // that begin a session: authentication, settings, version, and what is prepared or asked first

// The server's message at the end of a session.
function farewell() {
    const fields = [['S', 'FATAL'], ['V', 'FATAL'], ['C', '57P01'],
        ['M', 'terminating connection due to administrator command']];
    const body = Buffer.from(`${fields.map(([code, value]) => `${code}${value}\0`).join('')}\0`);
    const head = Buffer.alloc(HEAD_BYTES);
    head.write('E');
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
}

// A proxy between the service and PostgreSQL.
class Between {
    connections = 0;
    ended = [0, 0, 0, 0, 0]; // by step

    // ends(n) → the step after which the n-th connection ends; 0: never
    constructor(ends) {
        this.ends = ends;
    }

    async open(socket) {
        this.directory = temporaryDirectory();
        this.server = createServer((client) => this.#serve(client, connect(socket)));
        this.server.listen(join(this.directory, '.s.PGSQL.5432'));
        await once(this.server, 'listening');
        after(() => this.server.close());
        return this;
    }

    #serve(client, server) {
        const end = this.ends(this.connections++);
        let rest = Buffer.alloc(0);
        let steps = 0;
        const drop = () => [client, server].forEach((socket) => socket.destroy());
        for (const socket of [client, server]) socket.on('error', drop).on('close', drop);
        client.on('data', (bytes) => server.write(bytes));
        server.on('data', (bytes) => {
            rest = Buffer.concat([rest, bytes]);
            while (rest.length >= HEAD_BYTES && rest.length >= 1 + rest.readInt32BE(1)) {
                const message = rest.subarray(0, 1 + rest.readInt32BE(1));
                rest = rest.subarray(message.length);
                if (message[0] === READY_FOR_QUERY && ++steps === end) {
                    this.ended[end - 1]++;
                    client.end(farewell());
                    server.destroy();
                    return;
                }
                client.write(message);
            }
        });
    }
}

test('a session that ends at the end of any step is begun anew', async () => {
    const house = await openHouse({ serve: false });
    const socket = /host=(\S+)/.exec(house.database.conninfo)[1];
    const between = await new Between((n) => (n < 40 ? 1 + (n % STEPS) : 0)).open(join(socket, '.s.PGSQL.5432'));
    const service = await startService({ ...house.settings,
        database: house.database.conninfo.replace(socket, between.directory) });
    await until(() => {
        assert.ok(service.runs, `after ${between.connections} connections`);
        return between.connections > 40;
    }, () => `${between.connections} connections`);
    // Connections that nobody has asked anything do not get beyond the third.
    assert.deepEqual(between.ended.slice(0, 3), [8, 8, 8]);
    assert.ok(between.ended.every((times) => times > 0), `${between.ended}`);
    assert.ok(service.runs);
    assert.equal((await service.http.get('/readyz')).status, 200);
});
