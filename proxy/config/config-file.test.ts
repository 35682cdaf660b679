import { expect, test } from 'vitest';
import { loadConfig, parseConfig } from './config-file.ts';

function refused(text: string): string {
  try {
    parseConfig('proxy.yaml', text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('nothing was refused');
}

test('a whole file; names and limits are filled in', () => {
  const { settings, log } = parseConfig(
    'proxy.yaml',
    `
log: warn
limits: { grace: 2s, inactivityTimeout: off, clientHelloLimit: 8KiB }
listeners:
  - listen: 127.0.0.1:9000
    routes: [{ mode: tcp, upstreams: ['[::1]:9001'] }]
  - name: secure
    listen: 127.0.0.1:8443
    routes:
      - { mode: tls-passthrough, hosts: [A.example, '*.example.org'], upstreams: [127.0.0.1:1, 127.0.0.1:2] }
      - { name: rest, mode: tls-passthrough, hosts: ['*'], upstreams: [127.0.0.1:3] }
`,
  );
  expect(log).toBe('warn');
  expect(settings).toMatchObject({
    grace: 2000,
    shutdownGrace: 2000,
    inactivityTimeout: 0,
    connectTimeout: 10_000,
    clientHelloLimit: 8192,
    listeners: [
      { name: '127.0.0.1:9000', routes: [{ name: '127.0.0.1:9000', mode: 'tcp' }] },
      {
        name: 'secure',
        routes: [{ name: 'a.example', hosts: ['a.example', '*.example.org'] }, { name: 'rest' }],
      },
    ],
  });
});

test('problems say where they are and what was meant', () => {
  expect(
    refused(`limits: { gracee: 2s, maxLifetime: long }
listeners:
  - listen: 127.0.0.1
    routes:
      - { mode: tcpp, upstreams: [127.0.0.1:1] }
`),
  ).toMatchInlineSnapshot(`
    "proxy.yaml:1:11: unknown key \`gracee\` in \`limits\`; did you mean \`grace\`?
    > 1 | limits: { gracee: 2s, maxLifetime: long }
        |           ^^^^^^
      2 | listeners:

    proxy.yaml:1:36: \`limits.maxLifetime\` must be a duration up to 596h, such as 500ms or 10m, or off, not \`long\`
    > 1 | limits: { gracee: 2s, maxLifetime: long }
        |                                    ^^^^
      2 | listeners:

    proxy.yaml:3:13: \`listeners[0].listen\` must be host:port, such as 127.0.0.1:9000 or [::1]:0, not \`127.0.0.1\`
      1 | limits: { gracee: 2s, maxLifetime: long }
      2 | listeners:
    > 3 |   - listen: 127.0.0.1
        |             ^^^^^^^^^
      4 |     routes:

    proxy.yaml:5:17: unknown mode \`tcpp\`; did you mean \`tcp\`?
      3 |   - listen: 127.0.0.1
      4 |     routes:
    > 5 |       - { mode: tcpp, upstreams: [127.0.0.1:1] }
        |                 ^^^^"
  `);
});

test('what is sound by itself but not together', () => {
  expect(
    refused(`listeners:
  - listen: 127.0.0.1:1
    routes:
      - { mode: tcp, upstreams: [127.0.0.1:2] }
      - { mode: tls-passthrough, hosts: [a, A], upstreams: [127.0.0.1:2] }
  - listen: 127.0.0.1:1
    routes: [{ name: a, mode: tcp, upstreams: [127.0.0.1:2] }]
`),
  ).toMatchInlineSnapshot(`
    "proxy.yaml:4:17: a \`tcp\` route takes every connection, so it must be the only route of its listener
      2 |   - listen: 127.0.0.1:1
      3 |     routes:
    > 4 |       - { mode: tcp, upstreams: [127.0.0.1:2] }
        |                 ^^^
      5 |       - { mode: tls-passthrough, hosts: [a, A], upstreams: [127.0.0.1:2] }

    proxy.yaml:5:45: \`a\` is a host of this listener already
      3 |     routes:
      4 |       - { mode: tcp, upstreams: [127.0.0.1:2] }
    > 5 |       - { mode: tls-passthrough, hosts: [a, A], upstreams: [127.0.0.1:2] }
        |                                             ^
      6 |   - listen: 127.0.0.1:1

    proxy.yaml:6:13: another listener has 127.0.0.1:1 already
      4 |       - { mode: tcp, upstreams: [127.0.0.1:2] }
      5 |       - { mode: tls-passthrough, hosts: [a, A], upstreams: [127.0.0.1:2] }
    > 6 |   - listen: 127.0.0.1:1
        |             ^^^^^^^^^^^
      7 |     routes: [{ name: a, mode: tcp, upstreams: [127.0.0.1:2] }]

    proxy.yaml:7:22: another route is called \`a\` already; give this one a \`name\`
      5 |       - { mode: tls-passthrough, hosts: [a, A], upstreams: [127.0.0.1:2] }
      6 |   - listen: 127.0.0.1:1
    > 7 |     routes: [{ name: a, mode: tcp, upstreams: [127.0.0.1:2] }]
        |                      ^"
  `);
});

test('no YAML, no file', () => {
  expect(refused('listeners: [')).toContain('proxy.yaml:1:');
  expect(refused('')).toContain('proxy.yaml:1:1');
  expect(() => loadConfig('/nowhere/proxy.yaml')).toThrow('cannot read the config file');
});
