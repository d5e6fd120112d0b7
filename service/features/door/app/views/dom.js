// Makes elements without parsing HTML, so typed text stays text.

const svg = 'http://www.w3.org/2000/svg';

// Line drawings on a 24 by 24 grid. go, look and stop are the signs of look.css: circle, triangle and
// octagon differ in shape, not only in colour.
const shapes = {
    go: 'M12 2.5a9.5 9.5 0 1 1 0 19 9.5 9.5 0 0 1 0-19zm-4.3 9.8 3 3 5.6-6.3',
    look: 'M12 3 1.9 20.5h20.2zM12 10v4.5m0 3v.1',
    stop: 'M8 2.5h8l5.5 5.5v8L16 21.5H8L2.5 16V8zM8.5 8.5l7 7m0-7-7 7',
    leave: 'M12 2.5a9.5 9.5 0 1 1 0 19 9.5 9.5 0 0 1 0-19zM7.5 12h9m-3.5-4 4 4-4 4',
    note: 'M12 2.5a9.5 9.5 0 1 1 0 19 9.5 9.5 0 0 1 0-19zM12 11v6m0-10v.1',
    search: 'M10.5 3.5a7 7 0 1 1 0 14 7 7 0 0 1 0-14zm5 12 5.5 5.5',
    add: 'M9.5 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM2.5 20.5c0-4 3-6 7-6s7 2 7 6M18.5 7v6m-3-3h6',
    menu: 'M4 6.5h16M4 12h16M4 17.5h16',
    torch: 'M7 3h10v3.5l-2.5 3.5v11h-5V10L7 6.5zM7 6.5h10M12 13v2.5',
    camera: 'M3 7.5h4L9 5h6l2 2.5h4v12H3zM12 10a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7z',
    turn: 'M4 12a8 8 0 0 1 13.7-5.6L20 8.5M20 4v4.5h-4.5' +
        'M20 12a8 8 0 0 1-13.7 5.6L4 15.5M4 20v-4.5h4.5',
    recent: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zm0 4.5V12l3 2',
    in: 'M10 4h9v16h-9M3 12h11m-4-4 4 4-4 4',
    out: 'M14 4H5v16h9M10 12h11m-4-4 4 4-4 4',
    offline: 'M3 3l18 18M8.5 13.5a6 6 0 0 1 3.5-1.2m3.2 1' +
        'M5.2 10a11 11 0 0 1 3-2m3.5-.7a11 11 0 0 1 7.1 2.7' +
        'M2 6.7A16 16 0 0 1 5 4.6m4.7-1.3A16 16 0 0 1 22 6.7M12 17.5v.1',
    online: 'M8.5 14a6 6 0 0 1 7 0M5.2 10.3a11 11 0 0 1 13.6 0M2 6.7a16 16 0 0 1 20 0M12 17.5v.1',
    queue: 'M12 15V4m-4 4 4-4 4 4M4 14v6h16v-6',
    battery: 'M3 8h15v8H3zM21 11v2M6 11v2',
    charging: 'M3 8h5m5 0h5v8h-5m-5 0H3zM21 11v2M11.5 6 8.5 12.5h4l-3 6',
    back: 'M15 4.5 7.5 12l7.5 7.5',
    close: 'M5 5l14 14M19 5 5 19',
    undo: 'M8 4.5 3.5 9 8 13.5M3.5 9H14a6 6 0 0 1 0 12H9',
    lock: 'M5 11h14v10H5zM8 11V7.5a4 4 0 0 1 8 0V11',
    sound: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a7.5 7.5 0 0 1 0 11',
    mute: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5m0-5-5 5',
    practice: 'M12 4 2 9l10 5 10-5zM6 11.5V17c3 3 9 3 12 0v-5.5',
    door: 'M5 21V3h11v18M3 21h18M12.5 12v.1',
    name: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
    language: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM3 12h18M12 3c-5 5-5 13 0 18m0-18c5 5 5 13 0 18',
    kiosk: 'M5 2.5h14v15H5zM9 21.5h6M12 17.5v4M9.5 10l2 2 3.5-4',
    guide: 'M5 3.5h14v17H5zM8.5 8h7m-7 4h7m-7 4h4',
    conflict: 'M7 4v9m0 4v.1M17 4v9m0 4v.1M3 20.5h18',
};

export function icon(name) {
    const drawing = document.createElementNS(svg, 'svg');
    drawing.setAttribute('viewBox', '0 0 24 24');
    drawing.setAttribute('class', 'icon');
    drawing.setAttribute('aria-hidden', 'true');
    const path = document.createElementNS(svg, 'path');
    path.setAttribute('d', shapes[name]);
    drawing.append(path);
    return drawing;
}

function give(element, name, value) {
    if (value === undefined || value === null || value === false) return;
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (name === 'data') Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? '' : value);
}

// el('p', {class: 'fine', click: onClick}, 'text', element, null…). Functions are event listeners;
// undefined, null and false are left out.
export function el(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) give(element, name, value);
    element.append(...children.flat().filter((child) => child || child === 0));
    return element;
}

// A button with text and an icon before it.
export function button(words, { image, ...attributes }) {
    return el('button', { type: 'button', ...attributes }, image && icon(image), el('span', {}, words));
}

// A button that shows an icon; its words are its accessible name.
export function iconButton(words, image, attributes) {
    return el('button', { type: 'button', 'aria-label': words, title: words, ...attributes,
        class: `round ${attributes.class ?? ''}`.trim() }, icon(image));
}

let ids = 0;

export const freshId = (stem) => `${stem}-${++ids}`;
