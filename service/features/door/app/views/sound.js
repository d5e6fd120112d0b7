// Sound and vibration: two rising tones for go, one tone for look, two low tones for stop.
import { keep, recall } from './keeping.js';

const signals = {
    go: { tones: [[660, 0, 0.09], [990, 0.1, 0.16]], shape: 'sine', shake: [70] },
    look: { tones: [[520, 0, 0.3]], shape: 'triangle', shake: [90, 80, 90] },
    stop: { tones: [[170, 0, 0.2], [140, 0.26, 0.32]], shape: 'square', shake: [280, 90, 280] },
};

let audio;

export const muted = () => recall('sound') === false;

export function mute(yes) {
    keep('sound', !yes);
}

// Browsers allow sound only after a touch or key: call this from those events.
export function unlockSound() {
    const Audio = globalThis.AudioContext ?? globalThis.webkitAudioContext;
    if (!Audio) return;
    audio ??= new Audio();
    if (audio.state === 'suspended') audio.resume().catch(() => {});
}

function play([hertz, after, lasts], shape) {
    const begin = audio.currentTime + after;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.type = shape;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.0001, begin);
    volume.gain.exponentialRampToValueAtTime(shape === 'square' ? 0.25 : 0.5, begin + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.0001, begin + lasts);
    tone.connect(volume).connect(audio.destination);
    tone.start(begin);
    tone.stop(begin + lasts + 0.02);
}

// tone: 'go' | 'look' | 'stop'
export function signal(tone) {
    const { tones, shape, shake } = signals[tone];
    navigator.vibrate?.(shake);
    if (muted() || audio?.state !== 'running') return;
    for (const one of tones) play(one, shape);
}
