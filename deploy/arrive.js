// Registers the guests of the demo and checks most of them in, through the service's API. A second run
// gets the same answers and changes nothing.
//
//   node arrive.js URL EVENT CHECK_INS DOOR=CODE...
//
// CODE is a pairing code of `einlass door pair`. The first door admits everybody, the others only
// speakers, who come first. Prints the path of a ticket's page that was not checked in.
'use strict';

const http = require('node:http');
const { GUESTS, fixedUuid, makeRegistrations } = require('./guests.js');

const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });

const MINUTE_MS = 60 * 1000;

class Refused extends Error {}

function send(method, url, body, headers = {}) {
    return new Promise((resolve, reject) => {
        const request = http.request(url, { method, agent, headers: {
            'content-type': 'application/json', ...headers,
        } }, (response) => {
            const chunks = [];
            response.on('data', (chunk) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () => {
                const text = Buffer.concat(chunks).toString();
                if (response.statusCode < 300) resolve(text && JSON.parse(text));
                else reject(new Refused(`${method} ${url} answered ${response.statusCode}: ${text}`));
            });
        });
        request.on('error', reject);
        request.end(JSON.stringify(body));
    });
}

const post = (...rest) => send('POST', ...rest);

// On a terminal one line shows the progress; elsewhere a line at the end.
function makeProgress(name, total) {
    const terminal = process.stderr.isTTY;
    const line = (done) => {
        const bar = '█'.repeat(Math.round((20 * done) / total)).padEnd(20, '░');
        return terminal ? `  ${name.padEnd(12)} ${bar} ${done} of ${total}` :
            `  ${name.padEnd(12)} ${done} of ${total}`;
    };
    return (done) => {
        if (terminal) process.stderr.write(`\r${line(done)}${done === total ? '\n' : ''}`);
        else if (done === total) process.stderr.write(`${line(done)}\n`);
    };
}

async function register(eventUrl) {
    const progress = makeProgress('guests', GUESTS);
    const attendees = [];
    for (const { key, body } of makeRegistrations()) {
        const answer = await post(`${eventUrl}/registrations`, body, { 'idempotency-key': key });
        const speaks = body.code !== undefined;
        attendees.push(...answer.attendees.map(({ ticket, ticket_url }) => ({
            ticket, ticket_url, speaks,
        })));
        progress(attendees.length);
    }
    return attendees;
}

async function pairDoors(url, pairs) {
    const doors = [];
    for (const pair of pairs) {
        const [door, code] = pair.split('=');
        const { token } = await post(`${url}/api/v1/devices`, { code });
        doors.push({ door, authorization: `Bearer ${token}` });
    }
    return doors;
}

// → when the guests come: the first 40 minutes before the start, the last now or a while after the start
function arrivalTimes(startMs, count, nowMs = Date.now()) {
    const firstMs = startMs - 40 * MINUTE_MS, lastMs = Math.min(nowMs, startMs + 20 * MINUTE_MS);
    // Few come early and few late: the inverse of smoothstep.
    const inverse = (part) => 0.5 - Math.sin(Math.asin(1 - 2 * part) / 3);
    return Array.from({ length: count }, (_, index) => {
        const part = inverse((index + 0.5) / count);
        return new Date(firstMs + part * (lastMs - firstMs)).toISOString();
    });
}

async function checkIn(eventUrl, attendees, doors) {
    const [main, speakers = main] = doors;
    const progress = makeProgress('check-ins', attendees.length);
    const { starts_at } = await send('GET', eventUrl);
    const times = arrivalTimes(Date.parse(starts_at), attendees.length);
    for (const [index, { ticket, speaks }] of attendees.entries()) {
        const { door, authorization } = speaks ? speakers : main;
        const scan = { ticket, door, direction: 'in', nonce: fixedUuid(`scan ${ticket}`), scanned_at: times[index] };
        const { verdict } = await post(`${eventUrl}/checkins`, scan, { authorization });
        if (verdict !== 'admitted') throw new Refused(`A guest was not admitted: ${verdict}`);
        progress(index + 1);
    }
    for (const [index, { authorization }] of doors.entries())
        await post(`${eventUrl}/device`, { waiting: 0, battery: [81, 64][index] }, { authorization });
}

async function main([url, event, checkIns, ...pairs]) {
    const eventUrl = `${url}/api/v1/events/${event}`;
    const attendees = await register(eventUrl);
    const confirmed = attendees.filter(({ ticket }) => ticket).sort((one, other) => other.speaks - one.speaks);
    const doors = await pairDoors(url, pairs);
    await checkIn(eventUrl, confirmed.slice(0, Number(checkIns)), doors);
    console.log(new URL(confirmed[Number(checkIns)].ticket_url).pathname);
}

main(process.argv.slice(2)).catch((error) => {
    console.error(error instanceof Refused ? error.message : error);
    process.exitCode = 1;
});
