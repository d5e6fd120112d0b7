// Explains why there is no picture and what to do. The door works without camera too.
import { button, el, icon } from './dom.js';
import { knows, t } from './words.js';

export class CameraTrouble {
    // reason: of a CameraError; onAgain(): retries; meanwhile: ways to work without a camera
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
