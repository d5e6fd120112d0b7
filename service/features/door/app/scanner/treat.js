// What is done to a picture that gave nothing as it was. Works on one byte a pixel; pictures are
// squares here, {grey, side}.

// The share of pixels at either end that may become all black or all white.
const CLIPPED = 0.02;

const MOST_PIXELS = 960; // a side of what is enlarged

// pixels: RGBA; → {grey, side}
export function greyOf(pixels, side) {
    const grey = new Uint8ClampedArray(side * side);
    for (let i = 0, p = 0; i < grey.length; i++, p += 4)
        grey[i] = (pixels[p] * 77 + pixels[p + 1] * 150 + pixels[p + 2] * 29) >> 8;
    return { grey, side };
}

// → RGBA, as decoders take it
export function pixelsOf({ grey }) {
    const pixels = new Uint8ClampedArray(grey.length * 4);
    for (let i = 0, p = 0; i < grey.length; i++, p += 4) {
        pixels[p] = pixels[p + 1] = pixels[p + 2] = grey[i];
        pixels[p + 3] = 255;
    }
    return pixels;
}

// Makes the darkest black and the lightest white: for dim screens and faded paper.
function stretch({ grey, side }) {
    const counts = new Uint32Array(256);
    for (const level of grey) counts[level]++;
    let low = 0, high = 255;
    for (let n = counts[0]; n < grey.length * CLIPPED; n += counts[low]) low++;
    for (let n = counts[255]; n < grey.length * CLIPPED; n += counts[high]) high--;
    const gain = 255 / Math.max(1, high - low);
    return { grey: grey.map((level) => (level - low) * gain), side };
}

// The sums of `reach` pixels either way along a line, the edge pixel standing for what is beyond.
function sumLine(from, to, start, step, side, reach) {
    const at = (i) => from[start + Math.min(Math.max(i, 0), side - 1) * step];
    let sum = 0;
    for (let i = -reach; i <= reach; i++) sum += at(i);
    for (let i = 0; i < side; i++) {
        to[start + i * step] = sum;
        sum += at(i + reach + 1) - at(i - reach);
    }
}

// Brings back edges that focus, distance or a moving hand took away: each pixel goes twice as far
// from the mean around it as it is.
function sharpen({ grey, side }, reach) {
    const rows = new Float32Array(grey.length), sums = new Float32Array(grey.length);
    for (let i = 0; i < side; i++) sumLine(grey, rows, i * side, 1, side, reach);
    for (let i = 0; i < side; i++) sumLine(rows, sums, i, side, side, reach);
    const area = (2 * reach + 1) ** 2;
    return { grey: grey.map((level, i) => level * 3 - 2 * sums[i] / area), side };
}

// Twice as large, or as large as a phone still gets through in time.
function enlarge({ grey, side }) {
    const large = Math.round(Math.max(side, Math.min(side * 2, MOST_PIXELS))), step = side / large;
    const out = new Uint8ClampedArray(large * large), last = side - 1;
    const columns = Array.from({ length: large }, (_, x) => Math.min(Math.max((x + 0.5) * step - 0.5, 0), last - 0.001));
    for (let y = 0; y < large; y++) {
        const row = Math.floor(columns[y]), down = columns[y] - row;
        for (let x = 0; x < large; x++) {
            const column = Math.floor(columns[x]), right = columns[x] - column, p = row * side + column;
            const upper = grey[p] * (1 - right) + grey[p + 1] * right;
            const lower = grey[p + side] * (1 - right) + grey[p + side + 1] * right;
            out[y * large + x] = upper * (1 - down) + lower * down;
        }
    }
    return { grey: out, side: large };
}

// sharp: blurred and broken codes, quickly. large: dim, faded, shaken and small ones, and those far
// out of focus. Which of them is needed cannot be told before, so frames take turns.
export const treatments = {
    sharp: (picture) => sharpen(stretch(picture), 3),
    large: (picture) => sharpen(enlarge(stretch(picture)), 4),
};
