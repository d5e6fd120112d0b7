// A small DNS server for tests, over UDP and TCP. It answers what its records say, and no domain for all else.
//
//     const dns = await startDns({ 'example.org TXT': ['v=spf1 -all'], 'example.org MX': ['mx.example.org'] });
//     … settings: { resolver: dns.address } …
//     dns.records['example.org TXT'] = []; dns.silent = true; dns.asked.length
import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { after } from 'node:test';

const types = { 1: 'A', 15: 'MX', 16: 'TXT', 28: 'AAAA' };
const UDP_MOST_BYTES = 1232;

function readName(bytes, at) {
    const labels = [];
    for (; bytes[at] !== 0; at += bytes[at] + 1) labels.push(bytes.toString('latin1', at + 1, at + 1 + bytes[at]));
    return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

const nameOf = (name) => Buffer.concat([...name.split('.').filter(Boolean)
    .map((label) => Buffer.from([label.length, ...Buffer.from(label)])), Buffer.from([0])]);

// Texts longer than 255 bytes are several strings.
function textOf(value) {
    const bytes = Buffer.from(value);
    const strings = [];
    for (let at = 0; at === 0 || at < bytes.length; at += 255) {
        const piece = bytes.subarray(at, at + 255);
        strings.push(Buffer.from([piece.length]), piece);
    }
    return Buffer.concat(strings);
}

const dataOf = {
    A: (value) => Buffer.from(value.split('.').map(Number)),
    AAAA: (value) => { // with all eight groups
        return Buffer.from(value.split(':').map((group) => group.padStart(4, '0')).join(''), 'hex');
    },
    MX: (value) => Buffer.concat([Buffer.from([0, 10]), nameOf(value)]),
    TXT: textOf,
};

class Dns {
    constructor(records) {
        this.records = records;
        this.asked = [];
        this.silent = false;
    }

    // → the answer to a question; undefined: none
    answer(question, most = Infinity) {
        const { name, end } = readName(question, 12);
        const number = question.readUInt16BE(end);
        const type = types[number];
        this.asked.push(`${name} ${type}`);
        if (this.silent) return undefined;
        const values = this.records[`${name} ${type}`];
        const isThere = Object.keys(this.records).some((key) => key.startsWith(`${name} `));
        const answers = (values ?? []).map((value) => {
            const data = dataOf[type](value);
            const head = Buffer.from([0xc0, 12, 0, number, 0, 1, 0, 0, 0, 60, 0, 0]);
            head.writeUInt16BE(data.length, 10);
            return Buffer.concat([head, data]);
        });
        const head = Buffer.from(question.subarray(0, 12));
        head.writeUInt16BE(isThere ? 0x8180 : 0x8183, 2);
        head.writeUInt16BE(answers.length, 6);
        head.writeUInt32BE(0, 8);
        const full = Buffer.concat([head, question.subarray(12, end + 4), ...answers]);
        if (full.length <= most) return full;
        head.writeUInt16BE(0x8380, 2); // truncated: ask by TCP
        head.writeUInt16BE(0, 6);
        return Buffer.concat([head, question.subarray(12, end + 4)]);
    }

    async listen() {
        this.tcp = createServer((socket) => {
            let bytes = Buffer.alloc(0);
            socket.on('error', () => {});
            socket.on('data', (piece) => {
                bytes = Buffer.concat([bytes, piece]);
                while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
                    const length = bytes.readUInt16BE(0);
                    const answer = this.answer(bytes.subarray(2, 2 + length));
                    bytes = bytes.subarray(2 + length);
                    if (!answer) continue;
                    const head = Buffer.alloc(2);
                    head.writeUInt16BE(answer.length);
                    socket.write(Buffer.concat([head, answer]));
                }
            });
        });
        this.tcp.listen(0, '127.0.0.1');
        await once(this.tcp, 'listening');
        const { port } = this.tcp.address();
        this.udp = createSocket('udp4');
        this.udp.on('message', (question, { port: from, address }) => {
            const answer = this.answer(question, UDP_MOST_BYTES);
            if (answer) this.udp.send(answer, from, address);
        });
        this.udp.bind(port, '127.0.0.1');
        await once(this.udp, 'listening');
        this.address = `127.0.0.1:${port}`;
        return this;
    }

    close() {
        this.udp.close();
        this.tcp.close();
    }
}

export async function startDns(records = {}) {
    const dns = await new Dns(records).listen();
    after(() => dns.close());
    return dns;
}
