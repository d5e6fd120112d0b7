// A camera for Chromium that plays a film of tickets.
import assert from 'node:assert/strict';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser } from './browser.js';
import { temporaryDirectory } from './paths.js';
import { modulesOf, takePicture } from './pictures.js';

export const size = { width: 640, height: 480 };

// → the ticket's QR code as the service draws it, for takePicture
export async function codeOf(house, ticket) {
    const { pathname } = new URL(`/tickets/${ticket}/qr.svg`, house.service.url);
    const answer = await house.http.get(pathname);
    assert.equal(answer.status, 200, answer.body);
    return modulesOf(answer.body);
}

// → tickets of so many guests, each {id, name, ticket}
export async function ticketsOf(house, event, count, makeGuest) {
    const tickets = [];
    for (let i = 0; i < count; i++) {
        const answer = await house.signUp(event, makeGuest());
        assert.equal(answer.status, 201, answer.body);
        tickets.push(answer.json().attendees[0]);
    }
    return tickets;
}

// Writes the camera's film as YUV4MPEG2; the camera repeats it. pictures: [[code, view], …] for
// takePicture; frames: per picture. → the path of the film
export function film(pictures, { fps = 10, frames = 10, at = size } = {}) {
    const path = join(temporaryDirectory(), 'film.y4m');
    const file = openSync(path, 'w');
    writeSync(file, `YUV4MPEG2 W${at.width} H${at.height} F${fps}:1 Ip A1:1 C420mpeg2\n`);
    const colours = Buffer.alloc(at.width * at.height / 2, 128);
    for (const [code, view] of pictures) {
        // Black is 16 and white 235 in films (ITU-R BT.601).
        const picture = takePicture(code, view, at).map((grey) => 16 + grey * 219 / 255);
        for (let i = 0; i < frames; i++) {
            writeSync(file, 'FRAME\n');
            writeSync(file, picture);
            writeSync(file, colours);
        }
    }
    closeSync(file);
    return path;
}

// Flags for a Chromium whose camera plays this film and needs no permission.
export const cameraFlags = (path) => ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${path}`];

// → a browser with such a camera
export function openCamera(url, path) {
    return openBrowser(url, cameraFlags(path));
}
