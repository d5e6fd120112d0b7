// Rows of the tables and the picture: what a figure measured, in words.

function count(value) {
    if (value < 10) return value.toFixed(2);
    return value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}

// figures: figures.js; measured: what run() gave, none if the figure was not measured
export function rowOf(figures, name, measured) {
    const { title, against = '', target, most = false, unit, section = 'main' } = figures[name];
    const suffix = unit ? ` ${unit}` : ' ×';
    const row = {
        name, title, against, section, ours: '', theirs: '', shown: '', note: '',
        target: target === undefined ? '' : `${most ? 'at most' : 'at least'} ${target}${suffix}`,
    };
    if (!measured) return row;
    const { ours, theirs, value, note = '', verdicts } = measured;
    return {
        ...row, note, verdicts,
        ours: `${count(ours)} ${measured.unit}`,
        theirs: theirs === undefined ? '' : `${count(theirs)} ${measured.unit}`,
        shown: `${value < 10 ? value.toFixed(2) : value.toFixed(1)}${suffix}`,
        ...target === undefined ? {} : {
            isGood: most ? value <= target : value >= target,
            progress: most ? target / value : value / target,
        },
    };
}
