import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { folderOfTest } from '../../../shared/testing/folders.ts';
import { loadScenarios } from '../../scenario/load/load-scenarios.ts';
import { refusal } from '../../scenario/testing/plan-text.ts';
import { loadTarget, parseTarget, targetLookup } from './target-file.ts';

const PLACES = { here: '/here', root: '/root', lastfin: '/lastfin' };
const SOUND = 'about: x\nkind: node\ncommand: [node, main.js]\n';
const parse = (text: string) => parseTarget(text, { file: 'x.yaml', places: PLACES });
const refused = (text: string): string => refusal(() => parse(text), 'LASTFIN_TARGET_INVALID');

test('fills in every default', () => {
  expect(parse(SOUND)).toMatchInlineSnapshot(`
    {
      "about": "x",
      "command": [
        "node",
        "main.js",
      ],
      "contract": false,
      "counters": {},
      "environment": {},
      "excuses": [],
      "families": [
        "ipv4",
        "ipv6",
      ],
      "gauges": {},
      "hops": 1,
      "ignore": [],
      "kind": "node",
      "name": "x",
      "names": "connect",
      "patience": 0,
      "places": {
        "here": "/here",
        "lastfin": "/lastfin",
        "root": "/root",
      },
      "privileges": {},
      "publishes": {
        "records": false,
        "terminations": false,
      },
      "ready": {
        "port": true,
        "timeout": 5000,
      },
      "requires": [],
      "routes": {
        "tcp": {
          "arguments": [],
          "client": {
            "protocol": "bytes",
          },
          "upstream": {
            "protocol": "bytes",
          },
        },
      },
      "settings": {},
      "source": {
        "column": 1,
        "file": "x.yaml",
        "line": 1,
      },
      "stop": {
        "grace": 3000,
        "signal": "SIGTERM",
      },
    }
  `);
});

test('reads both forms of settings and routes, and regular expressions', () => {
  const target = parse(`${SOUND}
routes: { tcp: [], tls: [--mode, tls] }
settings: { name: [--name, "{{value}}"], idle: { type: duration, arguments: [--idle, "{{value}}"] } }
ready: { log: '^listening', timeout: 1s }
ignore: [{ name: pool, reason: kept on purpose, fingerprint: 'pool\\.js:\\d+' }]
ends: { match: { event: end }, fields: { id: id, incoming: why } }
environment: { PORT: 80, DEBUG: true }
`);
  const plain = { client: { protocol: 'bytes' }, upstream: { protocol: 'bytes' } };
  expect(target.routes).toEqual({
    tcp: { arguments: [], ...plain },
    tls: { arguments: ['--mode', 'tls'], ...plain },
  });
  expect(target.settings).toEqual({
    name: { type: 'string', arguments: ['--name', '{{value}}'] },
    idle: { type: 'duration', arguments: ['--idle', '{{value}}'] },
  });
  expect(target.ready).toEqual({ log: { source: '^listening' }, timeout: 1000 });
  expect(target.ignore[0]?.fingerprint).toEqual({ source: String.raw`pool\.js:\d+` });
  expect(target.ends).toEqual({ match: { event: 'end' }, fields: { id: 'id', incoming: 'why' } });
  expect(target.environment).toEqual({ PORT: '80', DEBUG: 'true' });
});

test('a page that says when it is ready', () => {
  const page = 'http://{{admin.address}}/healthz';
  expect(parse(`${SOUND}ready: { http: /healthz }\n`).ready).toEqual({
    http: '/healthz',
    status: 200,
    timeout: 5000,
  });
  expect(parse(`${SOUND}ready: { http: '${page}', status: 204 }\n`).ready).toMatchObject({
    http: page,
    status: 204,
  });
});

describe('refuses', () => {
  test.each([
    ['{ http: healthz }', '`ready.http` must be a path, such as /healthz, or a URL'],
    ["{ http: '/{{upstream.port}}' }", 'unknown placeholder `{{upstream.port}}`'],
    ['{ http: /healthz, port: true }', '`ready` must have one of `port`, `log` and `http`'],
    ['{ status: 204 }', '`ready.status` needs `http`: the page'],
    ['{ http: /healthz, status: 1000 }', '`ready.status` must be'],
  ])('ready: %s', (ready, message) => {
    expect(refused(`${SOUND}ready: ${ready}\n`)).toContain(message);
  });

  test('several problems at once, in the order of the lines', () => {
    expect(
      refused('about: x\nkind: nod\ncommand: []\nroute: [tcp]\nstop: { signal: SIGTREM, grace: long }\n'),
    ).toMatchInlineSnapshot(`
      "x.yaml:2:7: \`kind\` cannot be \`nod\`; did you mean \`node\`?
        1 | about: x
      > 2 | kind: nod
          |       ^^^
        3 | command: []

      x.yaml:3:1: \`command\` must not be empty
        1 | about: x
        2 | kind: nod
      > 3 | command: []
          | ^^^^^^^
        4 | route: [tcp]

      x.yaml:4:1: unknown key \`route\`; did you mean \`routes\`?
        2 | kind: nod
        3 | command: []
      > 4 | route: [tcp]
          | ^^^^^
        5 | stop: { signal: SIGTREM, grace: long }

      x.yaml:5:17: \`stop.signal\` cannot be \`SIGTREM\`; did you mean \`SIGTERM\`?
        3 | command: []
        4 | route: [tcp]
      > 5 | stop: { signal: SIGTREM, grace: long }
          |                 ^^^^^^^

      x.yaml:5:33: \`stop.grace\` must be a duration up to 10m, such as 300ms or 5s, not \`long\`
        3 | command: []
        4 | route: [tcp]
      > 5 | stop: { signal: SIGTREM, grace: long }
          |                                 ^^^^"
    `);
  });

  test('unknown placeholders, wherever they are', () => {
    expect(
      refused(`about: x
kind: program
command: [proxy, "{{listen.prot}}"]
environment: { UP: "{{upstream" }
routes: { tcp: ["{{value}}"] }
settings:
  short: ["{{vaule}}"]
  long: { type: string, arguments: ["{{valu}}"] }
`),
    ).toMatchInlineSnapshot(`
      "x.yaml:3:18: unknown placeholder \`{{listen.prot}}\`; did you mean \`listen.port\`?
        1 | about: x
        2 | kind: program
      > 3 | command: [proxy, "{{listen.prot}}"]
          |                  ^^^^^^^^^^^^^^^^^
        4 | environment: { UP: "{{upstream" }

      x.yaml:4:20: a placeholder is not closed in \`{{upstream\`
        2 | kind: program
        3 | command: [proxy, "{{listen.prot}}"]
      > 4 | environment: { UP: "{{upstream" }
          |                    ^^^^^^^^^^^^
        5 | routes: { tcp: ["{{value}}"] }

      x.yaml:5:11: unknown placeholder \`{{value}}\`; known: listen.address, listen.host, listen.port, upstream.address, upstream.host, upstream.port, admin.address, admin.host, admin.port, upstream.2.address, upstream.2.host, upstream.2.port, config.path, settings, route, tls.certificate, tls.key, tls.authority, here, root, lastfin
        3 | command: [proxy, "{{listen.prot}}"]
        4 | environment: { UP: "{{upstream" }
      > 5 | routes: { tcp: ["{{value}}"] }
          |           ^^^
        6 | settings:

      x.yaml:7:3: unknown placeholder \`{{vaule}}\`; did you mean \`value\`?
        5 | routes: { tcp: ["{{value}}"] }
        6 | settings:
      > 7 |   short: ["{{vaule}}"]
          |   ^^^^^
        8 |   long: { type: string, arguments: ["{{valu}}"] }

      x.yaml:8:37: unknown placeholder \`{{valu}}\`; did you mean \`value\`?
        6 | settings:
        7 |   short: ["{{vaule}}"]
      > 8 |   long: { type: string, arguments: ["{{valu}}"] }
          |                                     ^^^^^^^^^^"
    `);
  });

  test('settings of no type', () => {
    expect(refused(`${SOUND}settings: { a: { type: duratoin, arguments: [] }, b: 3 }\n`))
      .toMatchInlineSnapshot(`
        "x.yaml:4:24: \`settings.a.type\` cannot be \`duratoin\`; did you mean \`duration\`?
          2 | kind: node
          3 | command: [node, main.js]
        > 4 | settings: { a: { type: duratoin, arguments: [] }, b: 3 }
            |                        ^^^^^^^^

        x.yaml:4:54: \`settings.b\` must be a list of arguments, or { type: string | integer | boolean | duration, arguments: [...], config: text, environment: { NAME: text } }
          2 | kind: node
          3 | command: [node, main.js]
        > 4 | settings: { a: { type: duratoin, arguments: [] }, b: 3 }
            |                                                      ^"
      `);
  });

  test('what is no regular expression', () => {
    expect(refused(`${SOUND}ready: { log: '(' }\n`)).toMatchInlineSnapshot(`
      "x.yaml:4:15: \`ready.log\` is no regular expression: Invalid regular expression: /(/u: Unterminated group
        2 | kind: node
        3 | command: [node, main.js]
      > 4 | ready: { log: '(' }
          |               ^^^"
    `);
  });

  test('two signs of readiness', () => {
    expect(refused(`${SOUND}ready: { port: true, log: x }\n`)).toMatchInlineSnapshot(`
      "x.yaml:4:8: \`ready\` must have one of \`port\`, \`log\` and \`http\`
        2 | kind: node
        3 | command: [node, main.js]
      > 4 | ready: { port: true, log: x }
          |        ^^^^^^^^^^^^^^^^^^^^^^"
    `);
  });

  test('an ignore rule without a reason', () => {
    expect(refused(`${SOUND}ignore: [{ name: a, fingerprint: b }]\n`)).toMatchInlineSnapshot(`
      "x.yaml:4:10: \`ignore[0].reason\` is missing
        2 | kind: node
        3 | command: [node, main.js]
      > 4 | ignore: [{ name: a, fingerprint: b }]
          |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^"
    `);
  });

  test('a key twice', () => {
    expect(refused(`${SOUND}kind: node\n`)).toMatchInlineSnapshot(`
      "x.yaml:4:1: this key was given before in the same map
        2 | kind: node
        3 | command: [node, main.js]
      > 4 | kind: node
          | ^^^^"
    `);
  });

  test('an empty file', () => {
    expect(refused('')).toMatchInlineSnapshot(`
      "x.yaml:1:1: the file has no value
      > 1 |
          | ^"
    `);
  });
});

describe('in a folder', () => {
  let root: string;

  beforeEach(() => {
    root = folderOfTest();
    mkdirSync(path.join(root, 'targets'));
    writeFileSync(
      path.join(root, 'targets/proxy.yaml'),
      `${SOUND}settings: { idle: { type: duration, arguments: [] } }\n`,
    );
    writeFileSync(path.join(root, 'targets/other.yaml'), SOUND);
  });

  const missing = (name: string): string =>
    refusal(() => loadTarget(name, { root }), 'LASTFIN_TARGET_INVALID').replaceAll(root, '');

  test('a target is found by name and by path', () => {
    expect(loadTarget('other', { root }).name).toBe('other');
    const target = loadTarget(path.join(root, 'targets/other.yaml'));
    expect(target.name).toBe('other');
    expect(target.places.here).toBe(path.join(root, 'targets'));
  });

  test('a name or path that is none', () => {
    expect(missing('prxy')).toMatchInlineSnapshot(
      `"unknown target \`prxy\`; did you mean \`proxy\`? (known: bare-pipe, caddy, envoy, go-reverse-proxy, haproxy, nginx-http, nginx-stream, other, proxy, proxy-chain, proxy-from-outside, proxy-nftables, proxy-observed, socat, toxiproxy)"`,
    );
    expect(missing('traefik')).toMatchInlineSnapshot(
      `"unknown target \`traefik\`; known: bare-pipe, caddy, envoy, go-reverse-proxy, haproxy, nginx-http, nginx-stream, other, proxy, proxy-chain, proxy-from-outside, proxy-nftables, proxy-observed, socat, toxiproxy"`,
    );
    expect(missing(path.join(root, 'none.yaml'))).toMatchInlineSnapshot(
      `"no target file \`/none.yaml\` (looked for /none.yaml)"`,
    );
  });

  test('scenarios are checked against it', () => {
    mkdirSync(path.join(root, 'faults'));
    writeFileSync(
      path.join(root, 'faults/a.yaml'),
      'about: a\ntarget: ${target}\nsettings: { idle: soon, idel: 1s }\nclient: [open]\nmatrix: { target: [proxy, prxy] }\n',
    );
    const message = refusal(() => loadScenarios([], { root, targets: targetLookup({ root }) }));
    expect(message.replaceAll(root, '')).toMatchInlineSnapshot(`
      "/faults/a.yaml:3:19: \`settings.idle\` must be a duration, such as 300ms or 5s, not \`soon\` (in [target=proxy])
        1 | about: a
        2 | target: \${target}
      > 3 | settings: { idle: soon, idel: 1s }
          |                   ^^^^
        4 | client: [open]

      /faults/a.yaml:3:25: the target \`proxy\` has no setting \`idel\`; did you mean \`idle\`? (in [target=proxy])
        1 | about: a
        2 | target: \${target}
      > 3 | settings: { idle: soon, idel: 1s }
          |                         ^^^^
        4 | client: [open]

      /faults/a.yaml:5:27: unknown target \`prxy\`; did you mean \`proxy\`? (in [target=prxy])
        3 | settings: { idle: soon, idel: 1s }
        4 | client: [open]
      > 5 | matrix: { target: [proxy, prxy] }
          |                           ^^^^"
    `);
  });
});

test("the repository's own target fits its own scenarios", () => {
  const root = 'scenarios';
  expect(loadTarget('proxy', { root }).places.lastfin).toBe(process.cwd());
  expect(loadScenarios([], { root, targets: targetLookup({ root }) }).length).toBeGreaterThan(0);
});

test('a gauge from the log must say which part of the line is the figure', () => {
  expect(() => parse(`${SOUND}gauges: { records: { value: 'open=\\d+' } }\n`)).toThrow(/has no group/);
  expect(parse(`${SOUND}gauges: { records: { value: 'open=(\\d+)' } }\n`).gauges['records']).toEqual({
    value: { source: String.raw`open=(\d+)` },
  });
});

test('a file of certificates is found from the folder of the target file', () => {
  const root = folderOfTest();
  mkdirSync(path.join(root, 'targets'));
  const client = 'client: { tls: { ca: ./cert.pem, servername: my.host }, protocol: http }';
  writeFileSync(
    path.join(root, 'targets/secure.yaml'),
    `about: x\nkind: program\ncommand: [x]\nroutes: { https: { ${client} } }\n`,
  );
  expect(refusal(() => loadTarget('secure', { root }), 'LASTFIN_TARGET_INVALID')).toContain(
    'no file `./cert.pem`, which `tls: { ca }` of the route `https` names',
  );
  writeFileSync(path.join(root, 'targets/cert.pem'), '');
  expect(loadTarget('secure', { root }).routes['https']?.client.tls?.ca).toBe(
    path.join(root, 'targets/cert.pem'),
  );
});
