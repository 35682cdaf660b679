import type { Spoken } from './recognise.ts';

/** Names of the files, from the project's folder. */
export const FILES = {
  target: 'lastfin.yaml',
  scenario: 'scenarios/first.yaml',
  workflow: '.github/workflows/lastfin.yml',
};

/** Facts about a program that go into the files of `lastfin init`. */
export type Subject = {
  name: string;
  kind: 'node' | 'program';
  command: string[];
  environment: Record<string, string>;
  speaks: Spoken[];
  /** an HTTP proxy that takes whole URLs */
  forward: boolean;
  /** false: a server that answers by itself */
  upstream: boolean;
  /** path of the installed package from the project's folder */
  lastfin: string;
};

const CLIENTS: Record<Spoken, string> = {
  tcp: 'tcp',
  http: 'http',
  connect: 'connect',
  socks5: 'socks5',
  websocket: 'websocket',
};

const UPSTREAMS: Record<Spoken, string> = {
  tcp: 'tcp',
  http: 'http',
  connect: 'tcp',
  socks5: 'tcp',
  websocket: 'websocket',
};

/** Name of the first route, which scenarios without a route of their own take. */
export function firstRoute({ speaks }: Pick<Subject, 'speaks'>): Spoken {
  return speaks[0] ?? 'tcp';
}

/** Text of the target file. */
export function targetText(subject: Subject): string {
  const { name, kind, command, environment, lastfin } = subject;
  const variables = Object.entries(environment);
  return `# yaml-language-server: $schema=${lastfin}/docs/generated/target.schema.json
# How lastfin starts ${name} and reads it. Every key: ${lastfin}/docs/targets.md
about: ${scalar(`${name}.`)}
${
  kind === 'node'
    ? 'kind: node # a probe is preloaded: findings name the line'
    : 'kind: program # looked at from outside: sockets, descriptors, children, memory'
}
# LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST and UPSTREAM_PORT are always set in its environment
command: [${command.map(scalar).join(', ')}]
${
  variables.length === 0
    ? "# environment: { PORT: '{{listen.port}}' }\n"
    : `environment:\n${variables.map(([key, text]) => `  ${key}: ${scalar(text)}\n`).join('')}`
}${routesText(subject)}
# Ready when it accepts on its port; or { log: 'listening' }, or { http: /healthz }
ready: { port: true, timeout: 5s }
# Told to stop, it must exit by itself within the grace
stop: { signal: SIGTERM, grace: 3s }
# Longest time that it may keep what is over, such as idle connections of a pool
# drain: 1s
# More cases run where scenarios can set its limits
# settings:
#   inactivityTimeout: { type: duration, arguments: [--idle-timeout, '{{value}}'] }
`;
}

function routesText({ speaks, forward, upstream }: Subject): string {
  const one = (spoken: Spoken): string => {
    const client = spoken === 'http' && forward ? 'http-absolute' : CLIENTS[spoken];
    return `  ${spoken}: { client: ${client}${upstream ? `, upstream: ${UPSTREAMS[spoken]}` : ''} }\n`;
  };
  const lines = (speaks.length === 0 ? (['tcp'] as const) : speaks).map(one).join('');
  const what = upstream
    ? 'What its clients and its upstream speak'
    : 'What its clients speak; it has no upstream';
  return `# ${what}: tcp, tls, http, https, connect, socks5, websocket, …\nroutes:\n${lines.trimEnd()}`;
}

/** Text of a first scenario. */
export function scenarioText(subject: Subject): string {
  const spoken = firstRoute(subject);
  return `# yaml-language-server: $schema=../${subject.lastfin}/docs/generated/scenario.schema.json
# Every step, fault and expectation: ${subject.lastfin}/docs/scenarios.md
about: ${firstSentence(spoken, subject.upstream)}
${spoken === 'tcp' ? '' : `route: ${spoken}\n`}connections: 20
${script(spoken, subject.upstream)}
expect:
  # nothing may be left of them: no socket, timer, listener, entry of a table
  drain: 3s
`;
}

function firstSentence(spoken: Spoken, upstream: boolean): string {
  if (spoken === 'http' && !upstream)
    return 'A client that resets while its request is answered leaves nothing behind.';
  return 'A client that resets in the middle of a download leaves nothing behind.';
}

function script(spoken: Spoken, upstream: boolean): string {
  if (!upstream) {
    const first = spoken === 'http' || spoken === 'websocket' ? '{ request: { path: / } }' : '{ send: 64 }';
    return `client: [open, ${first}, reset]`;
  }
  if (spoken === 'http')
    return 'client: [open, { request: { path: / } }, { expect: 64KiB }, reset]\nupstream: [{ expect: request }, { respond: { length: 64MiB } }, flood]';
  return 'client: [open, { expect: 64KiB }, reset]\nupstream: [flood, { expect: closed }]';
}

/** Text of the workflow for GitHub Actions. */
export function workflowText(): string {
  return `name: lastfin
on:
  push:
  pull_request:
jobs:
  lastfin:
    runs-on: ubuntu-latest
    timeout-minutes: 20
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 22, cache: npm }
      # each case has a network of its own: faults of the kernel need no root then
      - run: sudo sysctl --write kernel.apparmor_restrict_unprivileged_userns=0
      - run: npm ci
      - run: npx lastfin doctor || true
      - run: npx lastfin run
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: lastfin
          path: reports/latest/
`;
}

/** A value as YAML: plain where that is safe. */
function scalar(text: string): string {
  const plain =
    /^[\w@/.+-][\w@/.+ -]*$/.test(text) && !/^(true|false|null|yes|no|on|off|~|[\d.+-].*)$/i.test(text);
  return plain ? text.trimEnd() : `'${text.replaceAll("'", "''")}'`;
}
