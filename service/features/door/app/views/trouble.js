// Why there is no picture, and how to mend it; the door works on without.
import { button, el, icon } from './dom.js';
import { knows, t } from './words.js';

export class CameraTrouble {
    // reason: of a CameraError; onAgain(): tries again; meanwhile: what can be done without
    constructor(reason, onAgain, meanwhile) {
        const key = knows(`camera.${reason}`) ? reason : 'broken';
        this.element = el('div', { class: 'camera-trouble', role: 'status' },
            icon('camera'),
            el('h2', {}, t(`camera.${key}`)),
            el('p', {}, t(`camera.${key}_mend`)),
            meanwhile && el('p', { class: 'fine' }, meanwhile),
            onAgain && button(t('camera.again'), { image: 'turn', class: 'quiet', click: onAgain }));
    }
}
