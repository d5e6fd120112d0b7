// The camera and what it reads. One frame is in the decoder at a time; when it comes out the newest
// one goes in. Nothing is decoded while paused or while the page is hidden. Whatever goes wrong is
// said ('trouble') and tried again, for as long as the camera is meant to run.
import { Decoder } from './decoder.js';
import { CameraError, abilities, keepFocus, listCameras, openStream, setTorch } from './stream.js';

export { CameraError };

// This share of the shorter side of the picture is read: a little more than the frame on the screen,
// so that a code whose edge is just outside is read too.
const READ_SHARE = 0.9;
const MOST_PIXELS = 640; // a side of what is read
const LEAST_PAUSE_MS = 50; // from one look to the next: what is seen at once, and no more heat
const IDLE_PAUSE_MS = 120;
const IDLE_AFTER_MS = 60_000;
const STALLED_AFTER_MS = 4000;
const LONGEST_REST_MS = 15_000;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Events: 'code' (detail {text, decodedAt}), 'trouble' (detail {reason, message}), 'well' (after a
// trouble: codes are read again). Reasons: 'ended' (the camera was taken away), 'stalled' (it gives no
// pictures), 'decoder' (what reads the codes failed), or one of CameraError when it did not come back.
export class Camera extends EventTarget {
    #video;
    #decoder;
    #assets;
    #context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    #run = 0; // counts starts and stops: whoever waited for something looks whether it is still wanted
    #stream = null;
    #wished; // the id of the camera asked for
    #facing; // else where it looks
    #isWanted = false;
    #isPaused = false;
    #isOpening = false;
    #isLooking = false;
    #isLit = false;
    #inTrouble = false;
    #failures = 0;
    #wakers = [];
    #lastCodeAt = 0;
    #lastPictureAt = 0;
    #onVisibility = () => this.#wake();

    // video: is made to show the picture; assets: {decoder, wasm}, addresses
    constructor(video, { assets }) {
        super();
        this.#video = video;
        this.#assets = assets;
        video.muted = true;
        video.playsInline = true;
    }

    get #track() {
        return this.#stream?.getVideoTracks()[0] ?? null;
    }

    // Of the camera that runs; to be remembered and given to start. null: none runs.
    get id() {
        return this.#track?.getSettings().deviceId ?? null;
    }

    get hasTorch() {
        return Boolean(this.#track && abilities(this.#track).torch);
    }

    get isPaused() {
        return this.#isPaused;
    }

    // → [{id, label}]
    cameras() {
        return listCameras();
    }

    // Once more with another id changes the camera; without one it is one that looks there. Throws
    // CameraError.
    async start(cameraId, facing = 'environment') {
        this.stop();
        this.#wished = cameraId;
        this.#facing = facing;
        this.#decoder = new Decoder(this.#assets);
        document.addEventListener('visibilitychange', this.#onVisibility);
        this.#isWanted = true;
        const run = ++this.#run;
        try {
            await this.#open(run);
        } catch (error) {
            if (run === this.#run) this.stop();
            throw error;
        }
        if (run !== this.#run) return;
        this.#watch(run);
        this.#guard(run);
    }

    stop() {
        this.#run++;
        this.#isWanted = this.#isPaused = this.#isLit = this.#inTrouble = false;
        this.#release();
        this.#decoder?.close();
        this.#decoder = null;
        document.removeEventListener('visibilitychange', this.#onVisibility);
        this.#wake();
    }

    // The picture stands still and nothing is read.
    pause() {
        this.#isPaused = true;
        this.#video.pause();
    }

    resume() {
        this.#isPaused = false;
        if (this.#isWanted) this.#play();
        this.#wake();
    }

    get isLit() {
        return this.#isLit;
    }

    // → whether the light is as wished; isLit says what it is
    async torch(on) {
        const isDone = this.#track ? await setTorch(this.#track, on) : !on;
        if (isDone) this.#isLit = on;
        return isDone;
    }

    // 'user' | 'environment' | '' where it is not known
    get facing() {
        return this.#track?.getSettings().facingMode ?? '';
    }

    async #open(run) {
        this.#isOpening = true;
        try {
            const stream = await openStream(this.#wished, this.#facing);
            if (run !== this.#run) {
                stream.getTracks().forEach((track) => track.stop());
                return;
            }
            this.#release();
            this.#stream = stream;
            this.#track.addEventListener('ended', () => this.#onEnded(stream));
            this.#video.srcObject = stream;
            this.#lastPictureAt = this.#lastCodeAt = performance.now();
            if (!this.#isPaused) this.#play();
            await keepFocus(this.#track);
            if (this.#isLit && this.#track) this.#isLit = await setTorch(this.#track, true);
        } finally {
            this.#isOpening = false;
        }
    }

    #release() {
        this.#stream?.getTracks().forEach((track) => track.stop());
        this.#stream = null;
        if (this.#video.srcObject) this.#video.srcObject = null;
    }

    // Refused where the page was never touched or another start is under way; the guard sees it.
    #play() {
        this.#video.play().catch(() => {});
    }

    #wake() {
        if (!document.hidden && this.#isWanted && !this.#isPaused && this.#video.paused) this.#play();
        this.#lastPictureAt = performance.now();
        for (const wake of this.#wakers.splice(0)) wake();
    }

    get #rests() {
        return this.#isPaused || document.hidden;
    }

    #trouble(reason, error) {
        this.#inTrouble = true;
        const detail = { reason, message: error ? String(error.message ?? error) : '' };
        this.dispatchEvent(new CustomEvent('trouble', { detail }));
    }

    // A picture from before it went away tells nothing; and it may read before its light has answered.
    #well() {
        if (!this.#stream || this.#isOpening) return;
        this.#failures = 0;
        if (!this.#inTrouble) return;
        this.#inTrouble = false;
        this.dispatchEvent(new CustomEvent('well'));
    }

    #onEnded(stream) {
        if (stream !== this.#stream) return;
        this.#trouble('ended');
        this.#release();
    }

    // Brings the camera back after it went away or stands still.
    async #guard(run) {
        while (run === this.#run) {
            await sleep(500);
            if (run !== this.#run) return;
            if (this.#rests || this.#isOpening || this.#isLooking) continue;
            const isStalled = this.#stream && performance.now() - this.#lastPictureAt > STALLED_AFTER_MS;
            if (this.#stream && !isStalled) continue;
            if (isStalled) this.#trouble('stalled');
            await this.#reopen(run);
        }
    }

    async #reopen(run) {
        this.#release();
        try {
            await this.#open(run);
        } catch (error) {
            if (run !== this.#run) return;
            this.#trouble(error.reason ?? 'busy', error);
            await sleep(Math.min(LONGEST_REST_MS, 500 * 2 ** this.#failures++));
        }
    }

    // Until a new picture is there; or half a second, as not every browser tells.
    #picture() {
        return new Promise((resolve) => {
            this.#video.requestVideoFrameCallback?.(resolve);
            setTimeout(resolve, this.#video.requestVideoFrameCallback ? 500 : 33);
        });
    }

    async #watch(run) {
        let shownAt = -1;
        while (run === this.#run) {
            if (this.#rests) {
                await new Promise((resolve) => this.#wakers.push(resolve));
                continue;
            }
            await this.#picture();
            const { readyState, currentTime } = this.#video;
            if (run !== this.#run || readyState < 2 || currentTime === shownAt || this.#rests) continue;
            shownAt = currentTime;
            await this.#look(run);
            this.#lastPictureAt = performance.now();
        }
    }

    async #look(run) {
        const began = performance.now();
        this.#isLooking = true;
        try {
            if (!this.#draw()) return;
            const text = await this.#decoder.read(this.#context);
            const decodedAt = performance.now();
            if (run !== this.#run) return;
            if (text !== undefined) this.#well();
            if (text && !this.#rests) this.#tell(text, decodedAt);
        } catch (error) {
            if (run === this.#run) this.#trouble('decoder', error);
        } finally {
            this.#isLooking = false;
        }
        const isIdle = performance.now() - this.#lastCodeAt > IDLE_AFTER_MS;
        const pause = isIdle ? IDLE_PAUSE_MS : LEAST_PAUSE_MS;
        await sleep(Math.max(0, began + pause - performance.now()));
    }

    #tell(text, decodedAt) {
        this.#lastCodeAt = decodedAt;
        this.dispatchEvent(new CustomEvent('code', { detail: { text, decodedAt } }));
    }

    // The square around the middle of what is seen of the video, where its picture is cut to fill its
    // place. → whether there was one
    #draw() {
        const { videoWidth: width, videoHeight: height, clientWidth, clientHeight } = this.#video;
        if (!width || !height) return false;
        const zoom = Math.max(clientWidth / width, clientHeight / height) || 0;
        const [seenWidth, seenHeight] = zoom > 0
            ? [clientWidth / zoom, clientHeight / zoom] : [width, height];
        const side = Math.round(Math.min(width, height, seenWidth, seenHeight) * READ_SHARE);
        const drawn = Math.min(side, MOST_PIXELS);
        const { canvas } = this.#context;
        if (canvas.width !== drawn) canvas.width = canvas.height = drawn;
        this.#context.drawImage(this.#video, (width - side) / 2, (height - side) / 2, side, side,
            0, 0, drawn, drawn);
        return true;
    }
}
