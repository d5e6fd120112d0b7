// What the pages at /api and /problems show of the description of the API, in the shape of their views.
// Names are unique in each view, as templates also look up what is around.
const methods = ['get', 'put', 'post', 'patch', 'delete'];

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text) => text.replace(/[&<>"]/g, (sign) => escapes[sign]);

// The Markdown of descriptions: paragraphs, lists, `code` and **bold**.
const inline = (text) => escape(text).replace(/`([^`]+)`/g, '<code>$1</code>').replace(/\*\*([^*]+)\*\*/g, '<b>$1</b>');
function html(text) {
    return (text ?? '').trim().split(/\n\s*\n/).filter(Boolean).map((part) => part.startsWith('- ')
        ? `<ul>${part.slice(2).split(/\n- /).map((item) => `<li>${inline(item)}</li>`).join('')}</ul>`
        : `<p>${inline(part)}</p>`).join('\n');
}

export function makeReference(api) {
    const lookUp = (reference) => reference.split('/').slice(1).reduce(
        (value, name) => value[name.replaceAll('~1', '/').replaceAll('~0', '~')], api);
    const resolve = (value) => (value?.$ref ? { ...lookUp(value.$ref), ...value, $ref: undefined } : value);
    const named = (schema) => schema?.$ref?.split('/').at(-1);
    const isObject = (schema) => Boolean(schema?.properties || schema?.allOf);

    // Words of JSON Schema as a reader of JSON says them.
    function typeOf(schema, seen = []) {
        if (schema.$ref && seen.includes(schema.$ref)) return named(schema);
        const whole = resolve(schema);
        const within = schema.$ref ? [...seen, schema.$ref] : seen;
        const some = whole.oneOf ?? whole.anyOf;
        if (whole.const !== undefined) return JSON.stringify(whole.const);
        if (whole.enum) return whole.enum.map((value) => JSON.stringify(value)).join(' | ');
        if (some && !isObject(whole)) return some.map((one) => typeOf(one, within)).join(' | ');
        const types = [whole.type ?? (isObject(whole) ? 'object' : 'any')].flat();
        return types.map((type) => {
            if (type === 'array') return whole.items ? `array of ${typeOf(whole.items, within)}` : type;
            if (type === 'string' && whole.format) return whole.format;
            return type;
        }).join(' | ');
    }

    function limitsOf(schema) {
        const { minimum, maximum, minLength, maxLength, minItems, maxItems, pattern } = resolve(schema);
        const range = (least, most, what) => least === undefined && most === undefined ? []
            : [`${least ?? ''}…${most ?? ''}${what}`];
        return [...range(minimum, maximum, ''), ...range(minLength, maxLength, ' characters'),
            ...range(minItems, maxItems, ' items'), ...(pattern ? [pattern] : [])].join(', ');
    }

    const row = (name, schema, required) => {
        const whole = resolve(schema);
        const fallback = whole.default === undefined ? undefined : JSON.stringify(whole.default);
        return { name, type: typeOf(schema), limits: limitsOf(schema) || undefined, needed: required || undefined,
            fallback, told: html(whole.description) || undefined };
    };

    // The members of a value and of all values in it: "attendees[].name".
    function rowsOf(schema, prefix = '', seen = []) {
        if (schema.$ref && seen.includes(schema.$ref)) return [];
        const whole = resolve(schema), within = schema.$ref ? [...seen, schema.$ref] : seen;
        const parts = [whole, ...(whole.allOf ?? []).map(resolve)];
        const needed = parts.flatMap(({ required }) => required ?? []);
        const own = parts.flatMap(({ properties }) => Object.entries(properties ?? {}));
        const rows = own.flatMap(([name, value]) => [
            row(prefix + name, value, needed.includes(name)), ...rowsOf(value, `${prefix}${name}.`, within)]);
        const up = prefix.replace(/\.$/, '');
        if (whole.items) rows.push(...rowsOf(whole.items, `${up}[].`, within));
        const inner = whole.additionalProperties;
        if (inner?.properties || inner?.$ref) rows.push(...rowsOf(inner, `${prefix}*.`, within));
        for (const one of [...(whole.oneOf ?? []), ...(whole.anyOf ?? [])])
            if (named(one) || isObject(one)) rows.push(...rowsOf(one, prefix, within));
        return rows.filter(({ name }, at) => rows.findIndex((other) => other.name === name) === at);
    }

    // A body: its choices, each with its members and an example.
    function contentOf(content) {
        return Object.entries(content ?? {}).map(([type, { schema, example, examples }]) => {
            const choices = (schema?.oneOf ?? schema?.anyOf ?? [schema ?? {}]).map((one) => {
                const rows = rowsOf(one);
                return { of: named(one) ?? typeOf(one), has_rows: rows.length > 0, members: { rows } };
            });
            const [first] = Object.values(examples ?? {});
            const shown = example ?? (first && resolve(first).value);
            const has_choice = choices.length > 1;
            return { media: type, choices, has_choice, example: shown === undefined ? undefined : JSON.stringify(shown, null, 2) };
        });
    }

    const problemsIn = (text) => [...(text ?? '').matchAll(/`([a-z_]+)`/g)].map(([, code]) => code);

    function answersOf(operation) {
        return Object.entries(operation.responses).filter(([status]) => /^[1-5]/.test(status)).map(([status, one]) => {
            const answer = resolve(one);
            const headers = Object.entries(answer.headers ?? {}).map(([name, header]) => {
                const whole = resolve(header);
                return { ...row(name, whole.schema ?? {}, false), told: html(whole.description) };
            });
            // The members of a problem are the same everywhere, and are told on the first page.
            const content = contentOf(answer.content).map((one) =>
                one.media === 'application/problem+json' ? { ...one, choices: [] } : one);
            return { status, meaning: html(answer.description), headers: { rows: headers }, has_headers: headers.length > 0, content };
        });
    }

    const hasRole = (requirement) => requirement.bearer !== undefined;
    function whoOf({ security = [] }) {
        const roles = security.filter(hasRole).flatMap(({ bearer }) => bearer);
        return { anybody: security.length === 0, manage: security.some((one) => one.manageKey), roles,
            has_roles: roles.length > 0 };
    }

    const shellQuote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
    function curlOf(method, path, operation, body) {
        const auth = whoOf(operation).roles.length ? ` -H 'Authorization: Bearer TOKEN'` : '';
        const sent = body ? ` -H 'Content-Type: ${body.media}' -d @body` : '';
        const verb = method === 'get' ? '' : ` -X ${method.toUpperCase()}`;
        return { before: `curl${verb}${auth}${sent} `, quoted: shellQuote(path).slice(1) };
    }

    const operations = {}, problems = {};
    for (const [path, item] of Object.entries(api.paths)) {
        for (const method of methods.filter((name) => item[name])) {
            const operation = item[method];
            const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolve)
                .map((one) => ({ ...row(one.name, one.schema, one.required === true), where: one.in,
                    told: html(one.description) || html(resolve(one.schema).description) || undefined }));
            const [body] = contentOf(resolve(operation.requestBody)?.content);
            const link = { id: operation.operationId, method: method.toUpperCase(), path, summary: operation.summary };
            operations[link.id] = { ...link, text: html(operation.description), who: whoOf(operation), parameters: { rows: parameters },
                has_parameters: parameters.length > 0, body: body ?? null, answers: answersOf(operation),
                curl: curlOf(method, path, operation, body) };
            for (const [status, one] of Object.entries(operation.responses)) {
                const isOwn = /^[45]\d\d$/.test(status) && named(one) !== 'Problem';
                for (const code of isOwn ? problemsIn(resolve(one).description) : []) {
                    const problem = (problems[code] ??= { statuses: {}, operations: {} });
                    problem.statuses[status] = true;
                    problem.operations[link.id] = link;
                }
            }
        }
    }
    // What every operation may answer: "400 `bad_request`, `malformed_json`; 401 …"
    for (const [, status, list] of api.components.responses.Problem.description.replace(/\s+/g, ' ')
        .matchAll(/(\d{3}) ((?:`[a-z_]+`,? ?)+)/g))
        for (const code of problemsIn(list)) (problems[code] ??= { statuses: {}, operations: {} }).statuses[status] = true;

    const groups = api.tags.map(({ name, description }) => ({
        topic: name, told: html(description),
        operations: Object.entries(api.paths).flatMap(([, item]) => methods.map((method) => item[method]))
            .filter((one) => one?.tags.includes(name))
            .map(({ operationId }) => { const { id, method, path, summary } = operations[operationId]; return { id, method, path, summary }; }),
    }));
    return {
        text: html(api.info.description), groups, operations,
        schemes: Object.values(api.components.securitySchemes).map(({ name, description }) => ({ name: name ?? 'Authorization', told: html(description) })),
        rows: rowsOf({ $ref: '#/components/schemas/Problem' }),
        problems: Object.fromEntries(Object.entries(problems).map(([code, { statuses, operations: where }]) =>
            [code, { statuses: Object.keys(statuses), operations: Object.values(where) }])),
    };
}
