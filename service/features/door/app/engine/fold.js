// Folds text for searches as the service does (base/text.c and base/search.c). Both readers are held
// together by docs/search-vector.json.
const forms = new Map(Object.entries({
    æ: 'ae', ð: 'd', ø: 'o', þ: 'th', đ: 'd', ħ: 'h', ı: 'i', ł: 'l', œ: 'oe', ŧ: 't', ς: 'σ',
    ʼ: "'", '‘': "'", '’': "'", '‛': "'", '`': "'",
    '‐': '-', '‑': '-', '‒': '-', '–': '-', '—': '-', '―': '-', '−': '-', '“': '"', '”': '"', '„': '"',
}));
const invisible = /[\p{Mn}\p{Default_Ignorable_Code_Point}]/gu;

// By way of upper case, which makes "SS" of "ß".
const withoutCase = (text) => text.toLowerCase().toUpperCase().toLowerCase();

export function fold(text) {
    const plain = text.replace(/´/g, "'").normalize('NFKD');
    return [...withoutCase(plain).normalize('NFKD').replace(invisible, '')]
        .map((letter) => forms.get(letter) ?? letter).join('');
}

// → the folded words, without the punctuation between them
export function wordsOf(query) {
    return fold(query).split(/\s+/).filter(Boolean).map((word) => word[0] + word.slice(1).replace(/[,;.]+$/, ''));
}

// → the ticket number without its hyphen, in upper case, if the query is one, however it is written
export function numberOf(query) {
    const digits = fold(query).replace(/[\s-]/g, '').toUpperCase();
    return /^[23456789BCDFGHJKMNPQRSTVWXYZ]{8}$/.test(digits) ? digits : null;
}
