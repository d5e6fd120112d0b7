// Turns .sql files into C for the build, so that the program carries its SQL with it:
//
//   node embed_sql.js statements OUT.c OUT.h FILE... [types MIGRATION...]
//       statements, as statement.h describes them, and the enum types of the migrations
//   node embed_sql.js migrations OUT.c FILE...
//       migrations (in the order of their numbers) and function files (in the given order), as
//       migrate.h describes them
//
// A file whose head does not declare what its SQL takes is refused, and so are two of one name.
import { writeFileSync } from 'node:fs';
import { nameOf, read, refuse, Statement } from './embed_head.js';

const enumType = /create type (\S+)\s+as enum\s*\(([^)]*)\)/g;

// The sets of all files by name: {words, isType, isUsed}. The newest type of a name counts.
function readTypes(paths) {
    const sets = new Map();
    for (const path of paths)
        for (const [, name, list] of read(path).matchAll(enumType)) {
            const words = list.split(',').map((word) => /^\s*'([^']*)'\s*$/.exec(word)?.[1] ??
                refuse(path, "a type's words cannot be read"));
            sets.set(name, { words, isType: true, isUsed: false });
        }
    return sets;
}

// Adds the words that a head declares, and marks the types that it uses.
function useSets(sets, statement) {
    for (const { type } of [...statement.parameters, ...statement.columns])
        if (sets.get(type)?.isType) sets.get(type).isUsed = true;
    for (const { name, words } of statement.sets) {
        if (!sets.has(name)) sets.set(name, { words: [], isType: false });
        const set = sets.get(name);
        const unknown = words.filter((word) => !set.words.includes(word));
        if (set.isType && unknown.length > 0)
            refuse(statement.path, "declares a word that the database's type does not have");
        set.words.push(...unknown);
        set.isUsed = true;
    }
}

// How a value of a type is given to a statement. `nullable` is the member of one that may be null,
// where that differs.
const number = { member: 'int64_t ', setter: 'number', nullable: 'const int64_t *' };
const kinds = new Map(Object.entries({
    text: { member: 'const char *', setter: 'text' },
    jsonb: { member: 'const char *', setter: 'text' },
    uuid: { member: 'const struct id *', setter: 'id' },
    bytea: { member: 'struct params_bytes ', setter: 'bytes' },
    integer: number,
    bigint: number,
    boolean: { member: 'bool ', setter: 'bool', nullable: 'const bool *' },
    'timestamp with time zone': { ...number, setter: 'time', unit: '_us' },
}));

const lines = (list, line) => list.map(line).join('');
const constant = (set, word) => `${set}_${word}`.toUpperCase();

// A C string, each line of the text on a line of its own.
function quote(text) {
    const octal = (char) => `\\${char.charCodeAt().toString(8).padStart(3, '0')}`;
    const escape = (line) => line.replace(/["\\?]/g, '\\$&').replace('\n', '\\n')
        .replace(/[^ -~]/g, octal);
    return lines(text.split(/(?<=\n)/), (line) => `\n        "${escape(line)}"`);
}

// The C of all statements, in the making: `h` and `c` are the two files.
class Code {
    h = '';
    c = '';

    constructor(sets) {
        this.sets = sets;
    }

    addSet(name, words) {
        const all = ['none', ...words];
        this.h += `enum ${name} {\n` +
            `${lines(all, (word) => `    ${constant(name, word)},\n`)}};\n` +
            `const char *${name}_name(enum ${name} word);\n` +
            `enum ${name} ${name}_parse(const char *name);\n\n`;
        this.c += `static const char *const ${name}_names[] = {\n` +
            `${lines(all, (word) => `    "${word}",\n`)}};\n\n` +
            `const char *${name}_name(enum ${name} word)\n{\n` +
            `    return ${name}_names[word];\n}\n\n` +
            `enum ${name} ${name}_parse(const char *name)\n{\n` +
            `    return (enum ${name})words_parse(${name}_names, ${all.length}, name);\n}\n\n`;
    }

    addStatement(statement) {
        this.#define(statement);
        this.h += `/* ${statement.name}.sql */\n`;
        this.#addParams(statement);
        for (const row of statement.rows) this.#addRow(statement, row);
        for (const column of statement.columns) this.#addReader(statement, column);
        this.h += '\n';
    }

    // pg_stat_activity shows the comment, which says whose statement it is.
    #define({ name, symbol, parameters, columns, sql }) {
        const lists = Object.entries({ parameters, columns })
            .filter(([, values]) => values.length > 0);
        const type = (value) => `${value.type}${value.isArray ? '[]' : ''}`;
        for (const [what, values] of lists)
            this.c += `static const struct statement_value ${symbol}_${what}[] = {\n` +
                `${lines(values, (value) => `    {"${value.name}", "${type(value)}"},\n`)}};\n`;
        this.c += `static const struct statement sql_${symbol} = {\n    .name = "${name}",\n` +
            `    .sql =\n        "/* ${name} */\\n"${quote(sql)},\n` +
            `    .parameter_count = ${parameters.length},\n` +
            `    .column_count = ${columns.length},\n` +
            `${lines(lists, ([what]) => `    .${what} = ${symbol}_${what},\n`)}};\n\n`;
    }

    // "const char *name" or "enum role role"
    #member(path, { name, type, mayBeNull }) {
        const kind = kinds.get(type);
        if (kind) return `${mayBeNull && kind.nullable || kind.member}${name}${kind.unit ?? ''}`;
        if (!this.sets.get(type)?.isType)
            refuse(path, 'a parameter has a type that C has no member for');
        return `enum ${type} ${name}`;
    }

    #struct(path, name, values) {
        const members = lines(values, (value) => `    ${this.#member(path, value)};\n`);
        return `struct ${name} {\n${members}};\n`;
    }

    #addParams({ path, symbol, parameters }) {
        const single = parameters.filter(({ isArray }) => !isArray);
        const given = single.length > 0 ? `const struct ${symbol} *given` : 'void';
        if (single.length > 0) this.h += this.#struct(path, symbol, single);
        this.h += `struct params *${symbol}_params(${given});\n`;
        this.c += `struct params *${symbol}_params(${given})\n{\n` +
            `    struct params *params = params_for(&sql_${symbol});\n` +
            lines(parameters, (value, at) => value.isArray
                ? `    params_array(params, ${at + 1});\n` : setter(value, at + 1, 'given->')) +
            '    return params;\n}\n\n';
    }

    // A row of one value takes the value, a longer one a struct.
    #addRow({ path, symbol, parameters }, { name, first, last }) {
        const values = parameters.slice(first, last + 1);
        const isOne = values.length === 1;
        const given = isOne ? this.#member(path, values[0])
            : `const struct ${symbol}_${name} *given`;
        const declaration = `void ${symbol}_add_${name}(struct params *params, ${given})`;
        if (!isOne) this.h += this.#struct(path, `${symbol}_${name}`, values);
        this.h += `${declaration};\n`;
        this.c += `${declaration}\n{\n    params_expect(params, &sql_${symbol});\n` +
            lines(values, (value, at) => setter(value, first + at + 1, isOne ? '' : 'given->')) +
            '}\n\n';
    }

    #addReader(statement, { name: column, type }) {
        const declared = statement.setOf(column);
        const name = declared?.name ?? type;
        const set = this.sets.get(name);
        if (!declared && !set?.isType) return;
        const declaration =
            `enum ${name} ${statement.symbol}_${column}(const struct rows *rows, int row)`;
        this.h += `${declaration};\n`;
        this.c += `${declaration}\n{\n`;
        if (declared)
            this.c += `    static const int declared[] = {${
                lines(declared.words, (word) => `${constant(name, word)}, `)}0};\n`;
        this.c += `    return (enum ${name})words_read(rows, row, &(struct words_column){\n` +
            `        .statement = "${statement.name}", .column = "${column}", ` +
            `.names = ${name}_names, .count = ${set.words.length + 1}, ` +
            `.declared = ${declared ? 'declared' : 'NULL'}});\n}\n\n`;
    }
}

// `from` is what the member is read from: "given->" or nothing.
function setter({ name, type, isArray, mayBeNull }, at, from) {
    const kind = kinds.get(type);
    const member = `${from}${name}${kind?.unit ?? ''}`;
    const add = isArray ? 'add_' : '';
    const set = (how, value) => `    params_${add}${how}(params, ${at}, ${value});\n`;
    const word = `${type}_name(${member})`;
    if (!kind) return set('text', mayBeNull ? `${member} ? ${word} : NULL` : word);
    if (kind.setter === 'bytes') return set('bytes', `${member}.bytes, ${member}.length`);
    if (mayBeNull && kind.nullable)
        return `    if (${member})\n    ${set(kind.setter, `*${member}`)}` +
            `    else\n    ${set('text', 'NULL')}`;
    return set(kind.setter, member);
}

function refuseTwins(statements) {
    const seen = new Set();
    for (const { path, symbol } of statements) {
        if (seen.has(symbol)) refuse(path, 'another file has the same name');
        seen.add(symbol);
    }
}

function embedStatements(cPath, hPath, paths) {
    const end = paths.includes('types') ? paths.indexOf('types') : paths.length;
    const sets = readTypes(paths.slice(end + 1));
    const statements = paths.slice(0, end).map((path) => new Statement(path));
    refuseTwins(statements);
    for (const statement of statements) useSets(sets, statement);
    const code = new Code(sets);
    for (const [name, { words, isUsed }] of sets) if (isUsed) code.addSet(name, words);
    for (const statement of statements) code.addStatement(statement);
    writeFileSync(cPath, `/* Generated by embed_sql.js. */
#include "statements.h"

#include <stddef.h>

#include "db/inside.h"

${code.c}const struct statement *const all_statements[] = {
${lines(statements, ({ symbol }) => `    &sql_${symbol},\n`)}    NULL,
};
`);
    writeFileSync(hPath, `/* Generated by embed_sql.js. */
#ifndef EINLASS_STATEMENTS_H
#define EINLASS_STATEMENTS_H

#include "db/statement.h"
#include "db/values.h"

${code.h}/* All of them, ending with NULL. */
extern const struct statement *const all_statements[];

#endif
`);
}

function embedMigrations(cPath, paths) {
    const isFunctions = (path) => nameOf(path).startsWith('functions/');
    const functions = paths.filter(isFunctions).map((path) => ({ path, name: nameOf(path) }));
    const migrations = paths.filter((path) => !isFunctions(path))
        .map((path) => ({ path, name: nameOf(path, 1) }))
        .sort((a, b) => a.name < b.name ? -1 : 1);
    for (const [at, { path, name }] of migrations.entries()) {
        if (!/^\d{4}_/.test(name)) refuse(path, 'migrations are named NNNN_what.sql');
        if (Number(name.slice(0, 4)) !== at + 1)
            refuse(path, 'numbers run from 0001 with no gap and no twins');
    }
    const entry = ({ path, name }) => `    {.name = "${name}", .sql =${quote(read(path))}},\n`;
    writeFileSync(cPath, `/* Generated by embed_sql.js. */
#include "db/migrate.h"

#include <stddef.h>

const struct migration all_functions[] = {
${lines(functions, entry)}    {0},
};
const struct migration all_migrations[] = {
${lines(migrations, entry)}    {0},
};
`);
}

const [what, ...rest] = process.argv.slice(2);
if (what === 'statements' && rest.length >= 2) embedStatements(rest[0], rest[1], rest.slice(2));
else if (what === 'migrations' && rest.length >= 1) embedMigrations(rest[0], rest.slice(1));
else {
    process.stderr.write(
        'usage: node embed_sql.js statements OUT.c OUT.h FILE... [types MIGRATION...]\n' +
        '       node embed_sql.js migrations OUT.c FILE...\n');
    process.exit(2);
}
