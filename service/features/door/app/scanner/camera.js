// The camera and its codes. One frame is in the decoder at a time, then the newest one follows.
// Nothing is decoded while paused or while the page is hidden. A failure gives 'trouble'; the camera
// retries as long as it should run.
import { Decoder } from './decoder.js';
import { CameraError, abilities, keepFocus, listCameras, openStream, setTorch } from './stream.js';

export { CameraError };

// The decoded share of the picture's shorter side. It is a little more than the frame on the screen, so
// a code slightly outside is read too.
const READ_SHARE = 0.9;
const MOST_PIXELS = 640; // per side of the decoded picture
const LEAST_PAUSE_MS = 50; // between frames: fast for people, and limits the heat
const IDLE_PAUSE_MS = 120;
const IDLE_AFTER_MS = 60_000;
const STALLED_AFTER_MS = 4000;
const LONGEST_REST_MS = 15_000;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Events: 'code' (detail {text, decodedAt}), 'trouble' (detail {reason, message}), 'well' (codes are
// read again after trouble). Reasons: 'ended' (the camera is gone), 'stalled' (no new pictures),
// 'decoder' (the decoder failed), or one of CameraError if the camera cannot restart.
export class Camera extends EventTarget {
    #video;
    #decoder;
    #assets;
    #context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    #run = 0; // counts starts and stops, so that an old asynchronous step can see that it is outdated
    #stream = null;
    #wished; // the id of the requested camera
    #facing; // else its direction
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

    // video: the element for the picture; assets: {decoder, wasm}, addresses
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

    // The id of the running camera, for start(); null: none runs.
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

    // A second call with another id changes the camera. Without an id, `facing` chooses one. Throws
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

    // Freezes the picture and stops decoding.
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

    // → whether the light is as requested; isLit is its state
    async torch(on) {
        const isDone = this.#track ? await setTorch(this.#track, on) : !on;
        if (isDone) this.#isLit = on;
        return isDone;
    }

    // 'user' | 'environment' | '' if unknown
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

    // The browser refuses if the page was never touched or another start is running; the guard retries.
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

    // Ends the trouble, but only for a picture that is newer than the trouble.
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

    // Restarts the camera if it is gone or stalled.
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

    // Waits for a new picture, or half a second, because not every browser reports pictures.
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

    // Draws the middle square of the visible part of the video. → whether there was a picture
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
