// The guests of the demo: 78 people in registrations for the API, always the same, from a fixed seed.
// Their names have many scripts and lengths and other difficulties for software.
'use strict';

const crypto = require('node:crypto');

const seedText = 'bionection meets Artificial Intelligence';
const GUESTS = 78;

// Sizes of registrations with several people; all others have one person.
const groupsOf = [5, 4, 3, 2, 2];
const SPEAKERS = 12;

// [language of their mails, given names, family names, order of the two]
const nameParts = [
    ['de', ['Jürgen', 'Käthe', 'Björn', 'Ömer', 'Änne', 'Friedrich-Wilhelm'],
        ['Müller-Lüdenscheidt', 'Groß', 'Öztürk', 'Weiß', 'von der Straßen', 'Ißler']],
    ['de', ['Łukasz', 'Żaneta', 'Grażyna', 'Świętosława'],
        ['Wójcik', 'Brzęczyszczykiewicz', 'Źdźbło']],
    ['en', ['İbrahim', 'Gülşen', 'Çağrı', 'Iğdır'], ['Yıldız', 'Şahin', 'Kılıç']],
    ['en', ['Ἀλέξανδρος', 'Ελένη', 'Νίκος'], ['Παπαδόπουλος', 'Καζαντζάκη', 'Σ']],
    ['de', ['Олександр', 'Фёдор', 'Љубица', 'Ольга'], ['Шевченко', 'Щукин', 'Ђорђевић']],
    ['en', ['محمد', 'فاطمة الزهراء', 'عبد الرحمن'], ['الخوارزمي', 'بن علي', 'السيد']],
    ['en', ['יעל', 'אברהם', 'נֹעָה'], ['כהן', 'בן־גוריון', 'לוי']],
    ['en', ['伟', '秀英', '建国'], ['王', '欧阳', '李'], 'family first'],
    ['en', ['さくら', '太郎', 'ケンジ'], ['山田', '渡邉', '佐々木'], 'family first'],
    ['en', ['민준', '서연'], ['김', '남궁'], 'family first'],
    ['en', ['आर्यभट', 'श्रेया', 'कृष्णा'], ['शर्मा', 'त्रिपाठी']],
    ['en', ['สมชาย', 'กุลธิดา'], ['รัตนโกสินทร์', 'ศรีสุข']],
    ['en', ['Nguyễn Thị', 'Trần'], ['Ánh Tuyết', 'Đức']],
    ['en', ['Siân', 'Aoife', 'Zoë'], ["O'Brien", 'Ní Mhurchú', 'Ap Llywelyn']],
];

const oddNames = [
    'X', '李', 'Œ', 'Ada “the Countess” Lovelace', 'Robert"); DROP TABLE attendee;--',
    '=1+1', '+49 Olaf', '@home', '-Minus, Karl', 'Smith, John "Jack", Jr.',
    'Maria 🎟️ Sommer', '👩‍🔬 Dr. Curie', '<b>Bold</b> & Söhne', '{{name}}', 'null',
    'Karl-Theodor Maria Nikolaus Johann Jacob Philipp Franz Joseph Sylvester zu Guttenberg',
    'Hubert Blaine Wolfeschlegelsteinhausenbergerdorff',
    'Pablo Diego José Francisco de Paula Juan Nepomuceno María de los Remedios Cipriano de la ' +
        'Santísima Trinidad Ruiz y Picasso',
];

const worksAt = [
    'Universität Leipzig', 'biosaxony e. V.', 'Fraunhofer IZI', 'Stadt Leipzig, Amt 80',
    "=cmd|' /C calc'!A0", '"Quoted" GmbH & Co. KG', 'Комета; Сибирь', '東京大学', 'جامعة القاهرة',
    'A', '@SUM(1+9)*cmd', 'Helmholtz-Zentrum für Umweltforschung – UFZ', '=HYPERLINK("#";"look")',
    'Krankenhaus\u00a0St.\u00a0Georg', 'Tab-les, Inc.', 'Ångström & Søn A/S', '🧬 Genomics',
];

const fields = ['life-science', 'medicine', 'ict', 'public'];
const diets = ['vegetarisch', 'vegan, no nuts', 'halal', 'כשר', '"gluten"-frei; laktosefrei', ''];

// A generator of numbers from 0 to 1 (mulberry32).
function randomNumbers(seed) {
    let state = crypto.createHash('sha256').update(seed).digest().readUInt32LE();
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

// → the UUID (version 8, RFC 9562) of this text
function fixedUuid(text) {
    const hash = crypto.createHash('sha256').update(`${seedText}/${text}`).digest();
    hash[6] = (hash[6] & 0x0f) | 0x80;
    hash[8] = (hash[8] & 0x3f) | 0x80;
    const hex = hash.toString('hex', 0, 16);
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function makePeople(random) {
    const pick = (list) => list[Math.floor(random() * list.length)];
    const people = oddNames.map((name) => ({ name, language: pick(['de', 'en']) }));
    const names = new Set(oddNames);
    for (let turn = 0; people.length < GUESTS; turn++) {
        const [language, given, family, order] = nameParts[turn % nameParts.length];
        const parts = [pick(given), pick(family)];
        const name = order ? parts.reverse().join('') : parts.join(' ');
        if (!names.has(name)) {
            names.add(name);
            people.push({ name, language });
        }
    }
    return people
        .map((person) => ({ person, place: random() }))
        .sort((a, b) => a.place - b.place)
        .map(({ person }) => person);
}

function makeAnswers(random) {
    const pick = (list) => list[Math.floor(random() * list.length)];
    const answers = { company: pick(worksAt), lunch: random() < 0.7 };
    if (random() < 0.8) answers.field = pick(fields);
    const diet = pick(diets);
    if (answers.lunch && diet) answers.diet = diet;
    return answers;
}

// [{key, body}]: the Idempotency-Key and the body of POST /api/v1/events/{event}/registrations.
function makeRegistrations() {
    const random = randomNumbers(seedText);
    const people = makePeople(random);
    const registrations = [];
    let seated = 0;
    while (seated < people.length) {
        const number = registrations.length + 1;
        const size = number % 9 === 4 ? (groupsOf[Math.floor(number / 9)] ?? 1) : 1;
        const together = people.slice(seated, seated + size);
        const speaks = size === 1 && number % 5 === 0 && number / 5 <= SPEAKERS;
        seated += size;
        registrations.push({
            key: fixedUuid(`registration ${number}`),
            body: {
                email: `guest-${String(number).padStart(2, '0')}@example.org`,
                language: together[0].language,
                ...(speaks ? { code: 'SPEAKER-2022' } : {}),
                consents: random() < 0.6 ? ['privacy', 'photos'] : ['privacy'],
                attendees: together.map(({ name }) => ({
                    name,
                    ...(speaks ? { ticket_type: 'speaker' } : {}),
                    answers: makeAnswers(random),
                })),
            },
        });
    }
    return registrations;
}

module.exports = { GUESTS, fixedUuid, makeRegistrations };
