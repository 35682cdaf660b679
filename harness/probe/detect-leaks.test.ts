import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { afterVisits, markedLine, NODE, startFixture } from './fixtures/start-fixture.ts';
import { someOf } from '../../shared/testing/share-of.ts';
import type { Resource } from '../resource.ts';
import type { Report, Suspect } from './protocol.ts';

const PROGRAM = 'leaky-server.mjs';
const TIMES = 5;

type Leak = {
  name: string;
  resource: Resource;
  rule: Suspect['rule'];
  /** marker of the line that must come first; by default the name; null: no line is expected */
  marker?: string | null;
  file?: string;
  path?: string;
  alsoRetains?: number;
};

const major = Number(execFileSync(NODE, ['-p', 'parseInt(process.versions.node)']));

const leaks: Leak[] = [
  { name: 'interval', resource: 'timer', rule: 'presence' },
  { name: 'unref-timeout', resource: 'timer', rule: 'presence' },
  { name: 'outgoing-socket', resource: 'socket', rule: 'presence' },
  { name: 'server', resource: 'server', rule: 'presence' },
  { name: 'listener', resource: 'listener', rule: 'growth', alsoRetains: TIMES },
  { name: 'process-listener', resource: 'listener', rule: 'growth' },
  { name: 'abort-listener', resource: 'listener', rule: 'growth' },
  { name: 'named-listener', resource: 'listener', rule: 'growth', alsoRetains: TIMES },
  { name: 'symbol-listener', resource: 'listener', rule: 'growth', alsoRetains: TIMES },
  { name: 'uuid-listener', resource: 'listener', rule: 'growth', alsoRetains: TIMES },
  { name: 'channel-subscriber', resource: 'listener', rule: 'growth', alsoRetains: TIMES },
  // from Node 25 on, Node itself ends a program whose FileHandle is collected
  ...(major < 25 ? [{ name: 'lost-handle', resource: 'descriptor', rule: 'growth' } as const] : []),
  { name: 'tls-contexts', resource: 'collection', rule: 'growth', path: 'Server._contexts', marker: null },
  { name: 'environment', resource: 'collection', rule: 'growth', path: 'process.env', marker: null },
  { name: 'console-times', resource: 'collection', rule: 'growth', path: 'console.time()', marker: null },
  { name: 'marks', resource: 'collection', rule: 'growth', path: 'performance.mark()', marker: null },
  { name: 'once-listener', resource: 'listener', rule: 'growth', marker: null },
  {
    name: 'map-in-class',
    resource: 'collection',
    rule: 'growth',
    path: 'Registry.records',
    marker: 'class Registry {',
  },
  {
    name: 'private-set',
    resource: 'collection',
    rule: 'growth',
    path: 'Registry.#closed',
    marker: 'class Registry {',
  },
  { name: 'map-in-module', resource: 'collection', rule: 'growth', path: 'byAddress', marker: null },
  { name: 'array-exported', resource: 'collection', rule: 'growth', path: 'history', marker: null },
  { name: 'dictionary', resource: 'collection', rule: 'growth', path: 'byName', marker: null },
  { name: 'bare-dictionary', resource: 'collection', rule: 'growth', path: 'bare', marker: null },
  { name: 'emptied-dictionary', resource: 'collection', rule: 'growth', path: 'emptied', marker: null },
  {
    name: 'map-in-weakmap',
    resource: 'collection',
    rule: 'growth',
    path: 'Downleveled_records[…]',
    marker: null,
  },
  {
    name: 'set-behind-weakmap',
    resource: 'collection',
    rule: 'growth',
    path: 'Inner.ports',
    marker: 'class Inner {',
  },
  {
    name: 'set-in-generator',
    resource: 'collection',
    rule: 'growth',
    path: 'a variable of remembering()',
    marker: 'function* remembering() {',
  },
  { name: 'set-global', resource: 'collection', rule: 'growth', path: 'globalThis.seenPorts', marker: null },
  { name: 'map-in-commonjs', resource: 'collection', rule: 'growth', path: 'ports', marker: null },
  {
    name: 'retained-in-map',
    resource: 'collection',
    rule: 'growth',
    path: 'byAddress',
    marker: null,
    alsoRetains: TIMES,
  },
  { name: 'retained-by-timer', resource: 'timer', rule: 'presence', alsoRetains: TIMES },
  { name: 'retained-by-chain', resource: 'retained-socket', rule: 'growth' },
  {
    name: 'retained-by-list',
    resource: 'retained-socket',
    rule: 'growth',
    marker: 'function remember(socket) {',
  },
  { name: 'file', resource: 'descriptor', rule: 'presence' },
  { name: 'file-promise', resource: 'descriptor', rule: 'presence' },
  { name: 'file-stream', resource: 'descriptor', rule: 'presence' },
  { name: 'array-on-server', resource: 'collection', rule: 'growth', path: 'Server.ports', marker: null },
  { name: 'file-sync', resource: 'descriptor', rule: 'presence' },
  { name: 'watcher', resource: 'handle', rule: 'presence' },
  { name: 'worker', resource: 'worker', rule: 'presence' },
  { name: 'immediate', resource: 'immediate', rule: 'growth', marker: 'setImmediate(function spin() {' },
  {
    name: 'immediate-beside-timer',
    resource: 'immediate',
    rule: 'growth',
    marker: 'setImmediate(function spinning() {',
  },
  { name: 'fetch-timeout', resource: 'timer', rule: 'growth' },
  { name: 'promised-timeout', resource: 'timer', rule: 'growth' },
  { name: 'map-of-sockets', resource: 'socket', rule: 'presence' },
  { name: 'map-of-sockets', resource: 'collection', rule: 'growth', path: 'byAddress', marker: null },
  { name: 'port', resource: 'handle', rule: 'presence' },
  { name: 'udp', resource: 'handle', rule: 'presence' },
  { name: 'child', resource: 'child', rule: 'presence' },
  { name: 'child-with-limit', resource: 'child', rule: 'presence', alsoRetains: TIMES },
  { name: 'pipe-of-exited-child', resource: 'socket', rule: 'presence' },
  { name: 'fetch-socket', resource: 'socket', rule: 'presence' },
];

describe.each(someOf(leaks))('$name', (leak) => {
  test('is found, with its line', async () => {
    const { suspects } = await reportOf(leak.name, 'leaky');
    const suspect = suspects.find(({ resource }) => resource === leak.resource);
    expect(suspect, JSON.stringify(suspects, null, 2)).toBeDefined();
    expect(suspect).toMatchObject({ resource: leak.resource, rule: leak.rule });
    expect(suspect?.count).toBeGreaterThanOrEqual(TIMES);
    if (leak.path) expect(suspect?.path).toBe(leak.path);
    if (leak.alsoRetains) expect(suspect?.alsoRetains).toBe(leak.alsoRetains);
    if (leak.marker !== null) {
      const marked = suspects
        .filter(({ resource }) => resource === leak.resource)
        .map(({ where: [first] }) => ({ file: first?.file.split('/').at(-1), line: first?.line }));
      expect(marked).toContainEqual({ file: PROGRAM, line: markedLine(PROGRAM, leak.marker ?? leak.name) });
    }
  });

  test('mended, is not', async () => {
    expect((await reportOf(leak.name, 'mended')).suspects).toEqual([]);
  });
});

test('the first thing to look at is the child, not the timer that ends it or the callback that waits for it', async () => {
  const { suspects } = await reportOf('child-with-limit', 'leaky');
  const own = suspects.filter(({ heldBy }) => heldBy === undefined);
  expect(own.map(({ resource }) => resource)).toEqual(['child']);
});

test.each(['leaky', 'mended'] as const)(
  'a warning of Node about listeners has its line: %s',
  async (mode) => {
    const { warnings = [] } = await afterVisits(
      PROGRAM,
      ['young-emitter', mode],
      6,
      async ({ probe, visit, drained }) => {
        await visit(6);
        await drained();
        return probe.report();
      },
    );
    const told = warnings.map(({ text, count, where: [first] }) => ({ text, count, line: first?.line }));
    const line = markedLine(PROGRAM, 'young-emitter');
    const text = expect.stringMatching(
      /^MaxListenersExceededWarning: .* 11 timeout listeners added to \[EventEmitter\]/,
    );
    expect(told).toEqual(mode === 'leaky' ? [{ text, count: 1, line }] : []);
  },
);

test('fingerprints are the same in another run', async () => {
  const [one, other] = await Promise.all([
    reportOf('outgoing-socket', 'leaky'),
    reportOf('outgoing-socket', 'leaky'),
  ]);
  expect(one.suspects.map(({ fingerprint }) => fingerprint).toSorted()).toEqual(
    other.suspects.map(({ fingerprint }) => fingerprint).toSorted(),
  );
});

test('a second baseline takes the place of the first', async () => {
  const { probe, visit, drained, stop } = await startFixture(PROGRAM, ['interval', 'leaky']);
  try {
    await probe.baseline();
    await visit(TIMES);
    await drained();
    await probe.baseline();
    expect((await probe.report()).suspects).toEqual([]);
  } finally {
    await stop();
  }
});

test.each([
  'map-in-module',
  'dictionary',
  'bare-dictionary',
  'map-in-weakmap',
  'set-behind-weakmap',
  'array-on-server',
  'set-global',
  'array-exported',
  'process-listener',
  'channel-subscriber',
  'tls-contexts',
  'abort-listener',
  'once-listener',
])('armed, %s names the inserting line', async (name) => {
  const { probe, visit, drained, stop } = await startFixture(PROGRAM, [name, 'leaky']);
  try {
    // some things are created on first use
    await visit(1);
    await drained();
    await probe.baseline();
    await visit(TIMES);
    await drained();
    const { suspects } = await probe.report();
    await probe.arm();
    await visit(2);
    const explained = await probe.explain();
    const lines = suspects.map(({ fingerprint }) => explained[fingerprint]?.[0]?.line);
    const line = markedLine(PROGRAM, name);
    // the listener itself is on the marked line, its registration on the next
    expect(
      lines.some((one) => one === line || one === line + 1),
      JSON.stringify({ suspects, explained }),
    ).toBe(true);
  } finally {
    await stop();
  }
});

function reportOf(name: string, mode: 'leaky' | 'mended'): Promise<Report> {
  return afterVisits(PROGRAM, [name, mode], TIMES, ({ probe }) => probe.report());
}
