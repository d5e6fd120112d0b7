// Improves pictures in which no code was found. A picture is a square, {grey, side}, one byte per
// pixel.

// This share of the darkest and of the lightest pixels becomes fully black or white.
const CLIPPED = 0.02;

const MOST_PIXELS = 960; // per side of an enlarged picture

// pixels: RGBA; → {grey, side}
export function greyOf(pixels, side) {
    const grey = new Uint8ClampedArray(side * side);
    for (let i = 0, p = 0; i < grey.length; i++, p += 4)
        grey[i] = (pixels[p] * 77 + pixels[p + 1] * 150 + pixels[p + 2] * 29) >> 8;
    return { grey, side };
}

// → RGBA for decoders
export function pixelsOf({ grey }) {
    const pixels = new Uint8ClampedArray(grey.length * 4);
    for (let i = 0, p = 0; i < grey.length; i++, p += 4) {
        pixels[p] = pixels[p + 1] = pixels[p + 2] = grey[i];
        pixels[p + 3] = 255;
    }
    return pixels;
}

// Increases the contrast, for dim screens and faded paper.
function stretch({ grey, side }) {
    const counts = new Uint32Array(256);
    for (const level of grey) counts[level]++;
    let low = 0, high = 255;
    for (let n = counts[0]; n < grey.length * CLIPPED; n += counts[low]) low++;
    for (let n = counts[255]; n < grey.length * CLIPPED; n += counts[high]) high--;
    const gain = 255 / Math.max(1, high - low);
    return { grey: grey.map((level) => (level - low) * gain), side };
}

// Sums of `reach` pixels to both sides along a line; the edge pixel is repeated beyond the edge.
function sumLine(from, to, start, step, side, reach) {
    const at = (i) => from[start + Math.min(Math.max(i, 0), side - 1) * step];
    let sum = 0;
    for (let i = -reach; i <= reach; i++) sum += at(i);
    for (let i = 0; i < side; i++) {
        to[start + i * step] = sum;
        sum += at(i + reach + 1) - at(i - reach);
    }
}

// Sharpens edges: doubles each pixel's distance from the mean around it.
function sharpen({ grey, side }, reach) {
    const rows = new Float32Array(grey.length), sums = new Float32Array(grey.length);
    for (let i = 0; i < side; i++) sumLine(grey, rows, i * side, 1, side, reach);
    for (let i = 0; i < side; i++) sumLine(rows, sums, i, side, side, reach);
    const area = (2 * reach + 1) ** 2;
    return { grey: grey.map((level, i) => level * 3 - 2 * sums[i] / area), side };
}

// Enlarges to twice the size, or to the largest size that a phone decodes in time.
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

// sharp: fast, for blurred and damaged codes. large: for dim, faded, shaken, small and very blurred
// codes. Nobody knows in advance which one helps, so frames use them in turn.
export const treatments = {
    sharp: (picture) => sharpen(stretch(picture), 3),
    large: (picture) => sharpen(enlarge(stretch(picture)), 4),
};
