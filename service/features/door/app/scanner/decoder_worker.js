// Reads QR codes outside the main thread, so the picture does not stutter. Messages:
//   {wasm}                          once: the decoder's address; answers {ready: true} or {failed: message}
//   {id, pixels, side, treatment}   a square RGBA picture; answers {id, codes} or {id, failed: message}
// codes is a list of {text, away}; away is the distance from the middle of the picture.
import { BarcodeDetector, prepareZXingModule } from 'barcode-detector/ponyfill';
import { greyOf, pixelsOf, treatments } from './treat.js';

let detector;

async function start(wasm) {
    await prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
    detector = new BarcodeDetector({ formats: ['qr_code'] });
    return { ready: true };
}

function treat(pixels, side, treatment) {
    const treated = treatments[treatment]?.(greyOf(pixels, side));
    return treated ? new ImageData(pixelsOf(treated), treated.side) : new ImageData(pixels, side);
}

async function read({ id, pixels, side, treatment }) {
    const picture = treat(new Uint8ClampedArray(pixels), side, treatment);
    const found = await detector.detect(picture);
    const middle = picture.width / 2;
    return { id, codes: found.map(({ rawValue, boundingBox: box }) => ({
        text: rawValue,
        away: Math.hypot(box.x + box.width / 2 - middle, box.y + box.height / 2 - middle),
    })) };
}

self.onmessage = async ({ data }) => {
    try {
        self.postMessage(await (data.wasm ? start(data.wasm) : read(data)));
    } catch (error) {
        self.postMessage({ id: data.id, failed: String(error?.message ?? error) });
    }
};
