// The checks themselves, shown a page that breaks what they hold: none of them may be blind.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { openBrowser } from '../harness/browser.js';
import { axe, keyboard, language, layout } from '../harness/page_checks.js';

const whole = (body, style = '') => `<!doctype html><html lang="en"><head><title>A page</title>
    <meta name="description" content="A page to check"><meta name="viewport" content="width=device-width"><style>
    :focus-visible { outline: 3px solid #00c } ${style}</style></head>
    <body><main><h1>A page</h1>${body}</main></body></html>`;

const bodies = {
    '/good': whole('<p>Read <a href="/good">this</a>.</p><label>Name <input></label>'),
    '/label': whole('<input>'),
    '/contrast': whole('<p>hardly</p>', '@media (prefers-color-scheme: dark) { p { color: #eee } }'),
    '/small': whole('<button>x</button><button>y</button>', 'button { all: unset; width: 9px; display: inline-block }'),
    '/wide': whole('<div>x</div>', '@media (max-width: 400px) { div { width: 500px } }'),
    '/panel': whole('<dialog><p class="panel-body"><button>wide</button></p></dialog><script>document.querySelector("dialog").showModal()</script>',
        '.panel-body { width: 200px; overflow: auto } button { width: 300px }'),
    '/above': whole('<dialog><button>below</button></dialog><dialog><button>above</button></dialog><script>' +
        'for (const one of document.querySelectorAll("dialog")) one.showModal()</script>'),
    '/ring': whole('<a href="/good">x</a>', 'a:focus { outline: none }'),
    '/faint': whole('<a href="/good">x</a>', ':root { background: #113 }'),
    '/unreachable': whole('<a href="/good">x</a> <button tabindex="-1">y</button>'),
    '/covered': whole('<a href="/good">x</a>', 'body::after { content: ""; position: fixed; inset: 0; background: #fff }'),
    '/trap': whole('<button id="b">x</button> <button>y</button><script>b.onkeydown = (e) => e.preventDefault()</script>'),
    '/levels': '<!doctype html><html><body><h1>A</h1><h3>B</h3></body></html>',
    '/console': whole('<script>console.error("oh")</script>'),
    '/throws': whole('<script>throw new Error("oh")</script>'),
    '/policy': whole('<p style="color: red">x</p>'),
    '/missing': whole('<img alt="x" src="/gone.png">'),
    '/foreign': whole('<img alt="x" src="http://127.0.0.1:9/x.png">'),
};

const policies = { '/policy': "default-src 'none'; style-src 'self'" };

const server = createServer(({ url }, response) => {
    const headers = { 'content-type': 'text/html; charset=utf-8' };
    if (policies[url]) headers['content-security-policy'] = policies[url];
    response.writeHead(bodies[url] ? 200 : 404, headers).end(bodies[url] ?? 'gone');
}).listen(0, '127.0.0.1');
await once(server, 'listening');
after(() => server.close());
const browser = await openBrowser(`http://127.0.0.1:${server.address().port}`);

const look = (path, check, options = {}) => browser.visit(options, async (page) => {
    await page.goto(path);
    return await check(page);
});

test('a good page has no findings', async () => {
    for (const width of [390, 1280])
        for (const check of [axe, keyboard, layout, (page) => language(page, 'en')])
            assert.deepEqual(await look('/good', check, { width }), []);
});

test('axe finds what it should, where it is, and says how to mend it', async () => {
    const [finding, ...more] = await look('/label', axe);
    assert.match(finding, /^label: .*\n {2}at input: <input>\n {2}Fix any of[^]*https:/);
    assert.deepEqual(more, []);
    assert.deepEqual(await look('/contrast', axe), []);
    for (const rules of ['all', 'looks and words'])
        assert.match((await look('/contrast', (page) => axe(page, rules), { scheme: 'dark' })).join(), /^color-contrast/);
    assert.match((await look('/small', axe)).join(), /^target-size/);
});

test('a page that scrolls sideways is found', async () => {
    assert.deepEqual(await look('/wide', layout), []);
    assert.match((await look('/wide', layout, { width: 390 })).join(), /<div>x<\/div>/);
    assert.match((await look('/panel', layout)).join(), /panel-body scrolls sideways: 300 px in 200/);
});

test('a focus that is not seen, and what Tab does not reach, is found', async () => {
    assert.match((await look('/ring', keyboard)).join(), /no ring/);
    assert.match((await look('/faint', keyboard)).join(), /contrast of 1\.\d\d/);
    assert.match((await look('/covered', keyboard)).join(), /hidden behind/);
    const unreachable = await look('/unreachable', keyboard);
    assert.equal(unreachable.length, 1);
    assert.match(unreachable[0], /<button tabindex="-1">.*does not get there/);
    assert.deepEqual(await look('/above', keyboard), [], 'the upper dialog blocks the lower one');
    assert.match((await look('/trap', keyboard)).join(), /<button>y<\/button>.*does not get there/);
});

test('a language, a title, a description, a heading that is missing is found', async () => {
    const findings = await look('/levels', (page) => language(page, 'en'));
    assert.deepEqual(findings.map((finding) => /in "", not|no title|no meta description|skips/.exec(finding)?.[0]),
        ['in "", not', 'no title', 'no meta description', 'skips']);
});

test('a visit fails for what the page provoked', async () => {
    const nothing = (page) => page.waitForLoadState('networkidle');
    for (const [path, says] of [['/console', /console: oh/], ['/throws', /script: .*oh/],
        ['/policy', /console: .*Content Security Policy/], ['/missing', /404: GET .*gone\.png/],
        ['/foreign', /foreign request: http:\/\/127\.0\.0\.1:9/]])
        await assert.rejects(look(path, nothing), says, path);
    await look('/nowhere', nothing);
});
