// The guests of the demo: 78 invented people, who came from companies and institutions as they meet at an
// event of the life sciences in Leipzig. Always the same, in registrations for the API.
'use strict';

const crypto = require('node:crypto');

// [company, domain of its addresses, field, registrations]. A registration is one line: its people, of whom
// the first has registered all. " en" at its end: their mails are in English, otherwise in German.
const companies = [
    ['biosaxony e. V.', 'biosaxony', 'life-science', ['Jana Berger', 'Meike Vogel']],
    ['Elbtal Krankenkasse', 'elbtal-krankenkasse', 'public', ['Dr. Tom Richter', 'Stefanie Lorenz', 'Bastian Kunze']],
    ['Careway GmbH', 'careway', 'ict', ['Mira Sommer', 'Deniz Arslan', 'Felix Baumann']],
    ['Institut für Zelltherapie', 'zelltherapie', 'life-science',
        ['Prof. Lena Vogt', 'Dr. Jonas Böhm', 'Siân Llewellyn en']],
    ['Zentrum für Medizininnovation', 'medizininnovation', 'medicine', ['Dr. Emre Aydin', 'Franziska Thormann']],
    ['Helix Diagnostics GmbH', 'helix-diagnostics', 'life-science',
        ['Dr. Matthias Weber, Leyla Şahin, Friedrich Großmann, Ioana Popescu, Paul Jansen']],
    ['Zellwerk GmbH', 'zellwerk', 'life-science',
        ['Katharina Lindner, Tomasz Nowak, Anneliese Schäfer, Nguyễn Minh Anh']],
    ['Klinikum am Rosental', 'klinikum-rosental', 'medicine',
        ['Dr. Beate Köhler, Samuel Brandt, Dr. Yasmin Haddad', 'Prof. Dr. Christoph Ehrlich']],
    ['Muldental Pharma AG', 'muldental-pharma', 'life-science', ['Henrik Petersen, Claudia Hoffmann', 'Robert Zschau']],
    ['Kepler Analytics GmbH', 'kepler-analytics', 'ict', ['Oskar Reinhardt, Zoë Franke', 'Aleksandra Petrović en']],
    ['Universität Leipzig', 'uni-leipzig', 'life-science',
        ['Prof. Dr. Annegret Bachmann', 'Dr. Sebastian Uhlig', 'Hannah Kröger', 'Anton Wagner', 'Chen Siyuan en']],
    ['Universitätsklinikum Saaletal', 'uk-saaletal', 'medicine', ['Dr. Nele Friedrichs', 'Dr. Ahmad Al-Masri', 'Grit Naumann']],
    ['Hochschule für Technik Leipzig', 'ht-leipzig', 'ict', ['Prof. Dr. Rainer Schulz', 'Marvin Engel']],
    ['Stadt Leipzig', 'stadt-leipzig', 'public', ['Sabine Krüger', 'Ulrich Seidel', 'Cornelia Pfeiffer']],
    ['Freistaat Sachsen', 'freistaat-sachsen', 'public', ['Dr. Kerstin Oehme']],
    ['Pleiße Labs GmbH', 'pleisse-labs', 'life-science', ['Aisha Rahman en', 'Viktor Melnyk', 'Theresa Gläser', 'Sophie Marchand en']],
    ['Saxon Biotech AG', 'saxon-biotech', 'life-science', ['Dr. Wolfgang Hänsel', 'Marie-Luise Dietze', 'Rahul Verma en']],
    ['Novalind Therapeutics GmbH', 'novalind', 'life-science', ['Dr. Judith Ackermann', 'Björn Müller-Lüders', 'Dr. Hana Kim en']],
    ['Saale Medizintechnik GmbH', 'saale-medizintechnik', 'medicine', ['Thomas Weißbach', 'Cem Öztürk']],
    ['Ring Ventures GmbH', 'ring-ventures', '', ['Charlotte von der Heyde', 'James O’Connor en']],
    ['Kanzlei Hartung & Partner', 'hartung-partner', '', ['Dr. Ines Hartung']],
    ['Praxis Dr. Petzold', 'praxis-petzold', 'medicine', ['Dr. Gudrun Petzold']],
    ['Odra Genomics sp. z o.o.', 'odra-genomics', 'life-science', ['Łukasz Wójcik en', 'Małgorzata Zielińska en']],
    ['BioVltava s.r.o.', 'biovltava', 'life-science', ['Jiří Dvořák en', 'Kateřina Svobodová en']],
    ['Fyris Imaging AB', 'fyris-imaging', 'ict', ['Åsa Lindqvist en', 'Øystein Haugen en']],
    ['Lumière Santé SAS', 'lumiere-sante', 'ict', ['Camille Lefèvre en']],
    ['Mar Bio S.L.', 'mar-bio', 'life-science', ['Núria Puig en', 'José Luis García en']],
    ['Boğaz Biyotek A.Ş.', 'bogaz-biyotek', 'life-science', ['Gülşen Yıldız en']],
    ['Harbor Therapeutics, Inc.', 'harbor-therapeutics', 'life-science', ['Emily Carter en', 'Marcus Johnson en']],
    ['Minato Medical K.K.', 'minato-medical', 'medicine', ['Haruka Yamada en']],
    ['Deccan Bio Pvt. Ltd.', 'deccan-bio', 'life-science', ['Priya Sharma en']],
    ['Leinezeitung', 'leinezeitung', '', ['Maike Thiele']],
    ['Laborblatt', 'laborblatt', 'life-science', ['Florian Busch']],
];

// The speakers of the programme, and those whom the organiser has to approve.
const tickets = {
    speaker: ['Jana Berger', 'Dr. Tom Richter', 'Mira Sommer', 'Prof. Lena Vogt', 'Dr. Emre Aydin'],
    press: ['Maike Thiele', 'Florian Busch'],
};

const diets = { de: ['Vegetarisch', 'Vegan', 'Bitte keine Nüsse'], en: ['Vegetarian', 'Vegan', 'Gluten-free, please'] };

const hashOf = (text) => crypto.createHash('sha256').update(`bionection meets Artificial Intelligence/${text}`).digest();

// → the UUID (version 8, RFC 9562) of this text
function fixedUuid(text) {
    const hash = hashOf(text);
    hash[6] = (hash[6] & 0x0f) | 0x80;
    hash[8] = (hash[8] & 0x3f) | 0x80;
    const hex = hash.toString('hex', 0, 16);
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

// → "Prof. Dr. Annegret Bachmann" as "annegret.bachmann"
function localPart(name) {
    const plain = { ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss', ı: 'i', ł: 'l', ø: 'o' };
    return name.toLowerCase().replace(/prof\. |dr\. |['’]/g, '').replace(/[äöüßıłø]/g, (letter) => plain[letter])
        .normalize('NFD').replace(/\p{M}/gu, '').replaceAll(' ', '.');
}

function makeAttendee(name, company, field, language) {
    const chance = hashOf(name);
    const answers = { company, lunch: chance[0] < 180 };
    if (field) answers.field = field;
    if (answers.lunch && chance[1] < 70) answers.diet = diets[language][chance[1] % 3];
    const type = Object.keys(tickets).find((slug) => tickets[slug].includes(name));
    return { name, ...(type ? { ticket_type: type } : {}), answers };
}

function makeRegistration([company, domain, field], line) {
    const language = line.endsWith(' en') ? 'en' : 'de';
    const attendees = line.replace(/ en$/, '').split(', ').map((name) => makeAttendee(name, company, field, language));
    const [{ name, ticket_type: type }] = attendees;
    return {
        key: fixedUuid(`registration ${name}`),
        body: {
            email: `${localPart(name)}@${domain}.example`,
            language,
            ...(type === 'speaker' ? { code: 'SPEAKER-2022' } : {}),
            consents: hashOf(name)[2] < 150 ? ['privacy', 'photos'] : ['privacy'],
            attendees,
        },
    };
}

// [{key, body}]: the Idempotency-Key and the body of POST /api/v1/events/{event}/registrations, in the
// order in which they come: as people do, not by company.
function makeRegistrations() {
    return companies.flatMap((company) => company[3].map((line) => makeRegistration(company, line)))
        .sort((one, other) => (one.key < other.key ? -1 : 1));
}

const GUESTS = makeRegistrations().reduce((sum, { body }) => sum + body.attendees.length, 0);

module.exports = { GUESTS, fixedUuid, makeRegistrations };
