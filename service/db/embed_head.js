// For embed_sql.js: reads a statement's .sql file, whose head statement.h describes. A mistake in it
// ends the process with one line on standard error.
import { readFileSync } from 'node:fs';

// STATEMENT_PARAMETERS_MOST and STATEMENT_COLUMNS_MOST of statement.h.
const VALUES_MOST = 40;

// Columns of these names hold words of a closed set.
const closed = ['outcome', 'status', 'verdict', 'state', 'role', 'kind', 'direction'];

const isWord = (text) => /^[a-z][a-z0-9_]*$/.test(text);
// As format_type() writes types: words, "[]", and dots for names of a schema.
const isType = (text) => /^[a-z][a-z0-9_ .[\]]*$/.test(text);

// What may hide a "$1" that is no parameter, the parameters, and the openings that nothing closes.
const tokens = new RegExp([
    String.raw`[eE]'(?:\\[^]|[^'\\])*'`,
    `'[^']*'`,
    `"[^"]*"`,
    String.raw`--[^\n]*`,
    String.raw`/\*[^]*?\*/`,
    String.raw`\$(?<parameter>\d+)`,
    String.raw`(?<tag>\$\w*\$)[^]*?\k<tag>`,
    String.raw`(?<unclosed>[eE]?'|"|/\*|\$\w*\$)`,
    String.raw`\w[\w$]*`,
].join('|'), 'g');

// Without `line` it is the file as a whole that is wrong.
export function refuse(path, sentence, line) {
    process.stderr.write(`${path}${line ? `:${line}` : ''}: ${sentence}\n`);
    process.exit(1);
}

// One character a byte, so that what is not ASCII passes through unchanged.
export function read(path) {
    const text = readFileSync(path, 'latin1');
    if (text.includes('\0')) refuse(path, 'holds a NUL byte');
    return text;
}

// "features/registration/sign_up.sql" is "registration/sign_up".
export function nameOf(path, parts = 2) {
    if (!/[^/]\.sql$/.test(path)) refuse(path, 'is not named *.sql');
    const name = path.slice(0, -'.sql'.length).split('/').slice(-parts).join('/');
    if (!/^[a-z0-9_/]+$/.test(name))
        refuse(path, 'names are of lower-case letters, digits and underscores');
    return name;
}

// A statement's file: what the comment at its head declares, and its SQL.
export class Statement {
    parameters = []; // {name, type without "[]", isArray, mayBeNull}
    columns = []; // {name, type}
    rows = []; // array parameters that are filled together: {name, first, last}, counted from 0
    sets = []; // the words of a column: {column, name, words}
    #line = 1;
    #columnsGoOn = false;
    #wordsGoOn = false;

    constructor(path) {
        const text = read(path);
        this.path = path;
        this.name = nameOf(path);
        this.symbol = this.name.replaceAll('/', '_');
        const [head] = /^(--[^\n]*(\n|$))*/.exec(text);
        for (const line of head.split('\n').slice(0, -1)) {
            this.#readComment(line.slice('--'.length).trim());
            this.#line++;
        }
        if (this.#columnsGoOn) this.#refuse('the list of columns ends with a comma');
        if (this.#wordsGoOn) this.#refuse('the list of words ends with a bar');
        this.#readBody(text.slice(head.length));
        this.#checkRows();
        this.#checkSets();
    }

    #refuse(sentence) {
        refuse(this.path, sentence, this.#line);
    }

    #readComment(comment) {
        if (comment.startsWith('$')) this.#readParameter(comment);
        else if (comment.startsWith('rows:')) this.#readColumns(comment.slice('rows:'.length));
        else if (/^row [^:]*: \$/.test(comment)) this.#readRow(comment);
        else if (this.#columnsGoOn) this.#readColumns(comment);
        else if (this.#wordsGoOn) this.#readWords(comment);
        else this.#readSet(comment);
    }

    #add(values, value) {
        if (!isWord(value.name))
            this.#refuse('a name is lower-case letters, digits and underscores');
        if (!isType(value.type))
            this.#refuse('a type is missing or not written as format_type() does');
        if (values.some(({ name }) => name === value.name))
            this.#refuse('the name is declared twice');
        if (values.length === VALUES_MOST)
            this.#refuse('declares too many parameters or columns');
        values.push(value);
    }

    // "$1 event_id: uuid", "$2 names: text[]", "$3 most: integer or null"
    #readParameter(comment) {
        const [, number, name, type, array, orNull] =
            /^\$(\d+)([^:]*):(.*?)(\[\])?( or null)?$/.exec(comment) ??
            this.#refuse('a parameter is declared as "-- $1 name: type"');
        if (Number(number) !== this.parameters.length + 1)
            this.#refuse('parameters are numbered from $1 in order');
        this.#add(this.parameters, {
            name: name.trim(),
            type: type.trim(),
            isArray: Boolean(array),
            mayBeNull: Boolean(orNull),
        });
    }

    // "ordinal integer, outcome text"
    #readColumns(list) {
        if (list.trim() === 'none') return;
        this.#columnsGoOn = list.endsWith(',');
        for (const column of list.replace(/,$/, '').split(',')) {
            const [, name, type] = /^(\S*)\s*(.*)$/.exec(column.trim());
            this.#add(this.columns, { name, type });
        }
    }

    // "row attendee: $11 to $18", "row event: $1"
    #readRow(comment) {
        const [, name, first, last = first] =
            /^row ([^:]*): \$(\d+)(?:\s+to\s+\$(\d+))?$/.exec(comment) ?? [];
        const row = { name: name?.trim(), first: first - 1, last: last - 1 };
        if (!(row.first >= 0 && row.last >= row.first))
            this.#refuse('a row is declared as "-- row name: $1 to $4"');
        this.rows.push(row);
    }

    // "outcome: change_outcome = cancelled | not_found"; anything else is prose.
    #readSet(comment) {
        const match = /^([a-z][a-z0-9_]*)\s*:\s*([a-z][a-z0-9_]*)\s* = (.*)$/.exec(comment);
        if (!match) return;
        const [, column, name, list] = match;
        if (this.setOf(column)) this.#refuse('the words of the column are declared twice');
        this.sets.push({ column, name, words: [] });
        this.#readWords(list);
    }

    // "cancelled (also when it was) | not_found": what stands in brackets is for people.
    #readWords(list) {
        const { words } = this.sets.at(-1);
        this.#wordsGoOn = list.endsWith('|');
        for (const part of withoutBrackets(list.replace(/\|$/, '')).split('|')) {
            const word = part.trim();
            if (!isWord(word) || word === 'none')
                this.#refuse('a word is lower-case letters, digits and underscores, ' +
                    'and not "none"');
            if (words.includes(word)) this.#refuse('the word is declared twice');
            words.push(word);
        }
    }

    // Blanks are spelled out: \s would take a byte that some letters of UTF-8 end with.
    #readBody(text) {
        const first = this.#line;
        this.sql = text.trimStart().replace(/[ \t-\r;]+$/, '');
        if (this.sql === '') this.#refuse('there is no SQL in it');
        const used = new Set();
        for (const { index, groups: { parameter, unclosed } } of text.matchAll(tokens)) {
            this.#line = first + text.slice(0, index).split('\n').length - 1;
            if (unclosed)
                this.#refuse(`a ${unclosed === '/*' ? 'comment' : 'quote'} is not closed`);
            if (parameter && !this.parameters[parameter - 1])
                this.#refuse('the SQL uses a parameter that its head does not declare');
            if (parameter) used.add(Number(parameter));
        }
        if (used.size < this.parameters.length)
            refuse(this.path, 'its head declares a parameter that the SQL does not use');
    }

    // Each array belongs to one row, and a row has nothing but arrays.
    #checkRows() {
        const owners = this.parameters.map(() => 0);
        for (const { name, first, last } of this.rows) {
            if (!isWord(name))
                refuse(this.path,
                    'the name of a row is lower-case letters, digits and underscores');
            if (last >= owners.length)
                refuse(this.path, 'a row has a parameter that is not declared');
            for (let at = first; at <= last; at++) {
                owners[at]++;
                if (!this.parameters[at].isArray)
                    refuse(this.path, 'a row has a parameter that is no array');
            }
        }
        if (this.parameters.some(({ isArray }, at) => owners[at] !== Number(isArray)))
            refuse(this.path, 'an array belongs to exactly one row: "-- row name: $1 to $4"');
    }

    #checkSets() {
        const isText = (column) =>
            this.columns.some(({ name, type }) => name === column && type === 'text');
        if (!this.sets.every(({ column }) => isText(column)))
            refuse(this.path, 'words are declared of a column that is not there or no text');
        if (closed.some((column) => isText(column) && !this.setOf(column)))
            refuse(this.path, 'declares no words for its column outcome, status, verdict, state, ' +
                'role, kind or direction: "-- outcome: name_of_set = word | word"');
    }

    setOf(column) {
        return this.sets.find((set) => set.column === column);
    }
}

function withoutBrackets(text) {
    const less = text.replace(/\([^()]*\)/g, '');
    return less === text ? text : withoutBrackets(less);
}
