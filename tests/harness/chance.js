// Chance that a seed repeats (mulberry32).
// → {below(many), of(list), one_in(many)}
export function chance(seed) {
    const next = () => {
        seed = (seed + 0x6d2b79f5) | 0;
        let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
    const below = (many) => Math.floor(next() * many);
    return { below, of: (list) => list[below(list.length)], one_in: (many) => below(many) === 0 };
}
