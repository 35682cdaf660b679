import { expect, test } from 'vitest';
import { refusal } from '../../scenario/testing/plan-text.ts';
import { targetArguments } from './target-arguments.ts';
import { parseTarget } from './target-file.ts';

const ADDRESSES = {
  listen: { host: '127.0.0.1', port: 9000 },
  upstream: { host: '::1', port: 9001 },
  admin: { host: '127.0.0.1', port: 9002 },
};

const TARGET = parseTarget(
  `
about: x
kind: program
command: ["{{root}}/proxy", --listen, "{{listen.host}}:{{listen.port}}", --to, "{{ upstream.address }}", "{{here}}"]
environment: { LASTFIN: "{{lastfin}}", LISTEN_PORT: ignored }
routes: { tcp: [], tls: [--mode, "{{route}}", --key, "{{tls.key}}"] }
settings:
  name: [--name, "{{value}}"]
  joined: ["--joined={{value}}"]
  verbose: { type: boolean, arguments: [--verbose] }
  cache: { type: boolean, arguments: ["--cache={{value}}"] }
`,
  { file: 'x.yaml', places: { here: '/here', root: '/root', lastfin: '/lastfin' } },
);

const argumentsOf = (route: string, settings: Record<string, string | number | boolean> = {}) =>
  targetArguments(TARGET, { route, settings }, ADDRESSES);

test('fills in every placeholder, in command and environment', () => {
  expect(argumentsOf('tcp')).toEqual({
    command: '/root/proxy',
    args: ['--listen', '127.0.0.1:9000', '--to', '[::1]:9001', '/here'],
    env: {
      LASTFIN: '/lastfin',
      LISTEN_HOST: '127.0.0.1',
      LISTEN_PORT: '9000',
      UPSTREAM_HOST: '::1',
      UPSTREAM_PORT: '9001',
      ADMIN_PORT: '9002',
    },
  });
});

test('appends the arguments of settings in the order of the case; a switch that is off says nothing', () => {
  const { args } = argumentsOf('tcp', { name: '{{here}} $&', joined: 3, verbose: true, cache: false });
  expect(args.slice(5)).toEqual(['--name', '{{here}} $&', '--joined=3', '--verbose', '--cache=false']);
  expect(argumentsOf('tcp', { verbose: false }).args).toHaveLength(5);
});

test('says settings by variables', () => {
  const settings =
    'settings: { idle: { type: duration, environment: { IDLE: "{{value}}", UNIT: text } }, quiet: { type: boolean, environment: { QUIET: 1 } } }';
  const target = parseTarget(`about: x\nkind: program\ncommand: [x]\n${settings}\n`, {
    file: 'x.yaml',
    places: { here: '/here', root: '/root', lastfin: '/lastfin' },
  });
  const environmentOf = (values: Record<string, string | boolean>) =>
    targetArguments(target, { route: 'tcp', settings: values }, ADDRESSES);
  expect(environmentOf({ idle: '3s', quiet: true }).env).toMatchObject({
    IDLE: '3s',
    UNIT: 'text',
    QUIET: '1',
  });
  expect(environmentOf({ quiet: false }).env).not.toHaveProperty('QUIET');
  expect(environmentOf({ idle: '3s' }).args).toEqual([]);
});

test('appends the arguments of the route', () => {
  const tls = { certificate: '/c.pem', key: '/k.pem', authority: '/a.pem' };
  const { args } = targetArguments(TARGET, { route: 'tls', settings: {} }, { ...ADDRESSES, tls });
  expect(args.slice(5)).toEqual(['--mode', 'tls', '--key', '/k.pem']);
});

test('refuses what the target does not have', () => {
  const refused = (run: () => unknown): string => refusal(run, 'LASTFIN_TARGET_INVALID');
  expect(refused(() => argumentsOf('tcpp'))).toMatchInlineSnapshot(
    `"the target \`x\`: no route \`tcpp\`; did you mean \`tcp\`?"`,
  );
  expect(refused(() => argumentsOf('constructor'))).toMatchInlineSnapshot(
    `"the target \`x\`: no route \`constructor\`; known: tcp, tls"`,
  );
  expect(refused(() => argumentsOf('tcp', { nam: 1 }))).toMatchInlineSnapshot(
    `"the target \`x\`: no setting \`nam\`; did you mean \`name\`?"`,
  );
  expect(refused(() => argumentsOf('tls'))).toMatchInlineSnapshot(
    `"the target \`x\`: \`{{tls.key}}\` in \`{{tls.key}}\` has no value here; known: listen.address, listen.host, listen.port, upstream.address, upstream.host, upstream.port, admin.address, admin.host, admin.port, route, here, root, lastfin"`,
  );
});

const CONFIGURED = parseTarget(
  `
about: x
kind: program
command: [proxy]
routes:
  flags: [--plain]
  file:
    arguments: [--config, "{{config.path}}"]
    config: |
      limits:
        {{settings}}
      to: {{upstream.2.port}}
      inner: {{port.inner}}
settings:
  idle: { type: duration, arguments: ["--idle={{value}}"], config: "idle {{value}}" }
  deny: { type: string, config: "deny {{value}}" }
`,
  { file: 'x.yaml', places: { here: '/here', root: '/root', lastfin: '/lastfin' } },
);

test('writes the settings of a route with a config file into it, indented as their place is', () => {
  const addresses = {
    ...ADDRESSES,
    upstream2: { host: '127.0.0.1', port: 9002 },
    configPath: '/c',
    freePorts: new Map([['port.inner', 9003]]),
  };
  const settings = { idle: '1s', deny: '::1' };
  const { args, config } = targetArguments(CONFIGURED, { route: 'file', settings }, addresses);
  expect(args).toEqual(['--config', '/c']);
  expect(config).toBe('limits:\n  idle 1s\n  deny ::1\nto: 9002\ninner: 9003\n');
});

test('a setting that only a config file has is refused on a route without one', () => {
  const of = (settings: Record<string, string>) =>
    targetArguments(CONFIGURED, { route: 'flags', settings }, ADDRESSES);
  expect(of({ idle: '1s' })).toMatchObject({ args: ['--plain', '--idle=1s'] });
  expect(of({ idle: '1s' })).not.toHaveProperty('config');
  expect(refusal(() => of({ deny: '::1' }), 'LASTFIN_TARGET_INVALID')).toBe(
    'the target `x`: no setting `deny` on the route `flags`; known: idle',
  );
});
