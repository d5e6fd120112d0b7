// What names a guest does not stay on a phone that nobody uses.
export const PERSON_MS = 30_000;

// then(): called when the screen is locked or another page is in front
export function whenHidden(then) {
    const look = () => document.hidden && then();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
}

// Closes a panel that names guests when nobody has used it for PERSON_MS, and when the screen is
// locked. → a function that ends the watch
export function closeDiscreetly(dialog) {
    let timer;
    const used = () => {
        clearTimeout(timer);
        timer = setTimeout(() => dialog.close(), PERSON_MS);
    };
    for (const type of ['pointerdown', 'keydown', 'input', 'scroll'])
        dialog.addEventListener(type, used, { capture: true, passive: true });
    const end = whenHidden(() => dialog.close());
    used();
    return () => {
        clearTimeout(timer);
        end();
    };
}
