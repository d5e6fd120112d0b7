// Draws tickets as a camera sees them, in grey: askew, far away, in the dark, badly printed, behind a
// cracked screen. The same call always draws the same picture.

// A generator of numbers from 0 to 1 (mulberry32), seeded, so a failure can be repeated.
function random(seed) {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let t = Math.imul(state ^ (state >>> 15), state | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
}

// svg: the service's QR code, in strokes one module wide. → {side, dark}: the modules with the white
// border, 1 for dark
export function modulesOf(svg) {
    const side = Number(/viewBox="0 0 (\d+) /.exec(svg)[1]);
    const dark = new Uint8Array(side * side);
    let x = 0, y = 0;
    for (const [, command, right, down, run] of /<path[^>]* d="([^"]+)"/.exec(svg)[1]
        .matchAll(/([Mm])(-?[\d.]+) (-?[\d.]+)h(\d+)/g)) {
        x = command === 'M' ? Number(right) : x + Number(right);
        y = command === 'M' ? Math.floor(Number(down)) : y + Number(down);
        dark.fill(1, y * side + x, y * side + x + Number(run));
        x += Number(run);
    }
    return { side, dark };
}

// → the eight numbers that map a point of the picture to the unit square (Heckbert 1989, section 2.2.3,
// inverted), from the square's corners in the picture
function perspective([[x0, y0], [x1, y1], [x2, y2], [x3, y3]]) {
    const dx1 = x1 - x2, dx2 = x3 - x2, sx = x0 - x1 + x2 - x3;
    const dy1 = y1 - y2, dy2 = y3 - y2, sy = y0 - y1 + y2 - y3;
    const by = dx1 * dy2 - dx2 * dy1;
    const g = (sx * dy2 - dx2 * sy) / by, h = (dx1 * sy - sx * dy1) / by;
    const a = x1 - x0 + g * x1, b = x3 - x0 + h * x3, d = y1 - y0 + g * y1, e = y3 - y0 + h * y3;
    return [e - y0 * h, x0 * h - b, b * y0 - x0 * e, y0 * g - d, a - x0 * g, x0 * d - a * y0,
        d * h - e * g, b * g - a * h, a * e - b * d];
}

// → the corners of a code with its white border: turned, then tilted
function corners({ size, turn = 0, lean = 0, swing = 0 }, side, middle) {
    const half = size * side / (side - 8) / 2, angle = turn * Math.PI / 180, far = size * 3;
    const sin = (degrees) => Math.sin(degrees * Math.PI / 180);
    const cos = (degrees) => Math.cos(degrees * Math.PI / 180);
    return [[-half, -half], [half, -half], [half, half], [-half, half]].map(([u, v]) => {
        const x = u * Math.cos(angle) - v * Math.sin(angle);
        const y = u * Math.sin(angle) + v * Math.cos(angle);
        const depth = far / (far + x * sin(swing) + y * sin(lean));
        return [middle[0] + x * cos(swing) * depth, middle[1] + y * cos(lean) * depth];
    });
}

// → marks on paper or glass, each a function: place in the code (0 to 1) → grey or null
function marks({ crack = 0, dirt = 0 }, next) {
    const found = [];
    if (crack > 0) {
        const [from, to, bend] = [0.2 + next() * 0.6, 0.2 + next() * 0.6, next() * 0.1];
        found.push((u, v) => {
            const x = from + (to - from) * v + bend * Math.sin(v * 9);
            return Math.abs(u - x) < crack / 2 ? 150 : null;
        });
    }
    for (let i = 0; i < dirt; i++) {
        const [x, y, radius, grey] = [next(), next(), 0.01 + next() * 0.025, next() * 200];
        found.push((u, v) => (u - x) ** 2 + (v - y) ** 2 < radius * radius ? grey : null);
    }
    return (u, v) => {
        for (const mark of found) {
            const grey = mark(u, v);
            if (grey !== null) return grey;
        }
        return null;
    };
}

// Takes nine samples per pixel, because a sensor gathers light from its whole area.
function drawCode(picture, width, height, code, view, next) {
    const places = corners(view, code.side, view.middle ?? [width / 2, height / 2]);
    const [a, b, c, d, e, f, g, h, i] = perspective(places);
    const mark = marks(view, next);
    const range = (values, most) => [Math.max(0, Math.floor(Math.min(...values))),
        Math.min(most, Math.ceil(Math.max(...values)) + 1)];
    const [left, right] = range(places.map(([x]) => x), width);
    const [top, bottom] = range(places.map(([, y]) => y), height);
    for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
            let sum = 0, hits = 0;
            for (let s = 0; s < 9; s++) {
                const px = x + (s % 3) / 3 + 1 / 6, py = y + Math.floor(s / 3) / 3 + 1 / 6;
                const w = g * px + h * py + i;
                const u = (a * px + b * py + c) / w, v = (d * px + e * py + f) / w;
                if (!(u >= 0 && u < 1 && v >= 0 && v < 1)) continue;
                hits++;
                const module = Math.floor(v * code.side) * code.side + Math.floor(u * code.side);
                sum += mark(u, v) ?? (code.dark[module] !== (view.inverted ? 1 : 0) ? 10 : 245);
            }
            if (hits > 0) picture[y * width + x] = (sum + picture[y * width + x] * (9 - hits)) / 9;
        }
    }
}

function smear(picture, width, height, step, reach, at) {
    const out = new Float32Array(picture.length);
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            const place = step === 1 ? x : y, most = step === 1 ? width : height;
            let sum = 0, count = 0;
            for (let k = -reach; k <= reach; k++) {
                if (place + k < 0 || place + k >= most) continue;
                sum += picture[at(x, y) + k * step];
                count++;
            }
            out[at(x, y)] = sum / count;
        }
    }
    return out;
}

// Approximates an unfocused lens by two box blurs in each direction. shake: only sideways.
function soften(picture, width, height, { blur = 0, shake = 0 }) {
    const at = (x, y) => y * width + x;
    for (const step of blur > 0 ? [1, width, 1, width] : [])
        picture = smear(picture, width, height, step, blur, at);
    return shake > 0 ? smear(picture, width, height, 1, shake, at) : picture;
}

// contrast: 1 is full; light: added brightness; noise: largest change up or down; shine: brightness of
// a lamp's reflection.
function expose(picture, width, { contrast = 1, light = 0, noise = 0, shine = 0 }, next) {
    const height = picture.length / width;
    const [sx, sy] = [width * (0.42 + next() * 0.16), height * (0.4 + next() * 0.2)];
    return Uint8ClampedArray.from(picture, (grey, i) => {
        const away = Math.hypot(i % width - sx, Math.floor(i / width) - sy) / (height / 5);
        const grain = noise * (next() + next() - 1);
        return 128 + (grey - 128) * contrast + light + grain + shine * Math.exp(-away * away);
    });
}

// One picture of a code (null: none). view: size (pixels per side, without the white border), turn,
// lean and swing (degrees), crack (width, 0 to 1 of the code), dirt (spots), inverted, blur,
// shake (pixels), contrast, light, noise, shine, middle [x, y], seed, beside: [[code, {size, turn, middle…}], …]
export function takePicture(code, view = {}, { width = 640, height = 480 } = {}) {
    const next = random(view.seed ?? 1);
    let picture = new Float32Array(width * height);
    const [slope, base] = [next() * 40 - 20, 90 + next() * 60];
    picture.forEach((_, i) => (picture[i] = base + slope * (i % width) / width));
    for (const [drawn, where] of [[code, view], ...view.beside ?? []])
        if (drawn) drawCode(picture, width, height, drawn, { size: 240, ...where }, next);
    return expose(soften(picture, width, height, view), width, view, next);
}
