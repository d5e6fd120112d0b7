// Finds QR codes in pictures, with the browser's decoder if it has one. Our own decoder reads the rest.
const patienceMs = { start: 30_000, read: 8_000 };
const LONGEST_REST_MS = 15_000;

// The treatments for successive frames without a code.
const turns = ['plain', 'sharp', 'plain', 'large'];
const turnsBesideNative = ['native', 'native', 'sharp', 'native', 'native', 'large'];

const nearest = (codes) =>
    codes.filter(({ text }) => text).sort((one, other) => one.away - other.away)[0]?.text ?? null;

function withinTime(promise, ms, what) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Our decoder, in a worker that starts on first use. After a failure it restarts with backoff.
class OwnDecoder {
    #assets;
    #worker = null;
    #waiting = new Map();
    #ids = 0;
    #failures = 0;
    #restUntil = 0;

    constructor(assets) {
        this.#assets = assets;
    }

    get rests() {
        return performance.now() < this.#restUntil;
    }

    // picture: a square ImageData; it cannot be used afterwards. → the text or null. Throws if the
    // decoder failed; a later call restarts it.
    async read(picture, treatment) {
        try {
            this.#worker ??= this.#start();
            await this.#worker.ready;
            const pixels = picture.data.buffer;
            const { codes } = await withinTime(this.#ask(
                { pixels, side: picture.width, treatment }, [pixels]), patienceMs.read, 'reading');
            this.#failures = 0;
            return nearest(codes);
        } catch (error) {
            this.close();
            this.#restUntil = performance.now() + Math.min(LONGEST_REST_MS, 1000 * 2 ** this.#failures++);
            throw error;
        }
    }

    #start() {
        const thread = new Worker(this.#assets.decoder);
        thread.onmessage = ({ data }) => this.#settle(data);
        thread.onerror = (event) => {
            event.preventDefault();
            this.#fail(event.message || 'the decoder could not be loaded');
        };
        thread.onmessageerror = () => this.#fail('an answer of the decoder was unreadable');
        const worker = { thread };
        const asked = this.#ask({ wasm: new URL(this.#assets.wasm, location.href).href }, [], thread);
        worker.ready = withinTime(asked, patienceMs.start, 'starting the decoder');
        return worker;
    }

    #ask(message, handedOver, thread = this.#worker.thread) {
        const id = message.wasm ? undefined : ++this.#ids;
        return new Promise((resolve, reject) => {
            this.#waiting.set(id, { resolve, reject });
            thread.postMessage({ id, ...message }, handedOver);
        });
    }

    #settle({ id, failed, ...answer }) {
        const { resolve, reject } = this.#waiting.get(id) ?? {};
        this.#waiting.delete(id);
        if (failed) reject?.(new Error(failed));
        else resolve?.(answer);
    }

    #fail(message) {
        const waiting = [...this.#waiting.values()];
        this.#waiting.clear();
        for (const { reject } of waiting) reject(new Error(message));
    }

    close() {
        this.#worker?.thread.terminate();
        this.#worker = null;
        this.#fail('closed');
    }
}

async function findNative() {
    try {
        if (!(await globalThis.BarcodeDetector?.getSupportedFormats())?.includes('qr_code')) return null;
        return new BarcodeDetector({ formats: ['qr_code'] });
    } catch {
        return null;
    }
}

async function readNative(detector, canvas) {
    const middle = canvas.width / 2;
    const found = await detector.detect(canvas);
    return nearest(found.map(({ rawValue, boundingBox: box }) => ({
        text: rawValue, away: Math.hypot(box.x + box.width / 2 - middle, box.y + box.height / 2 - middle),
    })));
}

// One picture at a time.
export class Decoder {
    #own;
    #native;
    #turn = 0;

    // assets: {decoder, wasm}: addresses of the worker and its WebAssembly
    constructor(assets) {
        this.#own = new OwnDecoder(assets);
        this.#native = findNative();
    }

    // context: of a square canvas with the picture. → the text of the code nearest to the middle, null
    // without a code, undefined if no decoder ran, shortly after a failure. Throws if the decoder
    // failed; the caller should report it. A later call tries again.
    async read(context) {
        const native = await this.#native;
        const order = native ? turnsBesideNative : turns;
        const turn = order[this.#turn % order.length];
        if (!native && this.#own.rests) return undefined;
        const text = await this.#take(native && (turn === 'native' || this.#own.rests) ? 'native' : turn,
            native, context);
        // A treatment that worked is used for the next frame too.
        if (text === null) this.#turn++;
        return text;
    }

    async #take(turn, native, context) {
        const { canvas } = context;
        if (turn !== 'native')
            return this.#own.read(context.getImageData(0, 0, canvas.width, canvas.height), turn)
                .catch((error) => this.#forgive(error, native));
        try {
            return await readNative(native, canvas);
        } catch {
            // Android without Google services has the interface, but no decoder.
            this.#native = Promise.resolve(null);
            return null;
        }
    }

    #forgive(error, native) {
        if (!native) throw error;
        return null;
    }

    close() {
        this.#own.close();
    }
}
