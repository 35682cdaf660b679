import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

import { noLeaks } from '../harness/in-process/no-leaks.ts';
import type { ProcessLeak } from '../harness/in-process/process-leak.ts';
import { LastfinError } from '../shared/errors/lastfin-error.ts';
import { temporaryFolder } from './command-line.ts';

// Habits of programs and tests that nobody thinks of while a detector is written.

const SHORT = { settle: 100 };

async function leaksOf(body: () => unknown): Promise<ProcessLeak[]> {
  const error = await noLeaks(body, SHORT).catch((one: unknown) => one);
  if (error === undefined) return [];
  if (error instanceof LastfinError && 'leaks' in error.facts) return error.facts['leaks'] as ProcessLeak[];
  throw error;
}

let next = 0;
const kept: object[] = [];

describe('a table that is no Map is found, with the line that adds to it', () => {
  const global = globalThis as unknown as { ofThisTest: object[] };
  const registry = Symbol.for('a registry of this test');
  const remember = (key: string): string => key;
  const answers = remember as unknown as Record<string, number>;
  class Sessions {
    [id: string]: unknown;
  }
  const sessions = new Sessions();
  const filled: object[] = [];

  test.each<[string, () => unknown]>([
    ['an array of the global object', () => (global.ofThisTest ??= []).push({})],
    [
      'an array of a symbol of the global object',
      () => {
        const holder = globalThis as unknown as Record<symbol, object[] | undefined>;
        (holder[registry] ??= []).push({});
      },
    ],
    ['a function with a property for each answer', () => (answers[`key ${next++}`] = 1)],
    ['an instance of a class with a property for each session', () => (sessions[`s${next++}`] = {})],
    ['an array that is filled by index', () => (filled[filled.length] = {})],
  ])('%s', async (_, body) => {
    const leaks = await leaksOf(body);
    expect(leaks).toMatchObject([{ resource: 'collection' }]);
    expect(leaks[0]?.where[0]?.file).toBe(import.meta.filename);
  });
});

describe('fake timers of the test, which nobody turns', () => {
  afterEach(() => vi.useRealTimers());

  test.each<[string, Parameters<typeof vi.useFakeTimers>[0]]>([
    ['all that are faked by default', undefined],
    ['the clocks alone', { toFake: ['Date', 'performance', 'hrtime'] }],
  ])('%s', async (_, config) => {
    vi.useFakeTimers(config);
    await noLeaks(() => undefined);
    vi.useFakeTimers(config);
    expect(await leaksOf(() => kept.push({}))).toMatchObject([{ resource: 'collection' }]);
  });
});

describe('connections of a pool', () => {
  let server: http.Server;
  const agent = new http.Agent({ keepAlive: true });
  const get = async (own = agent): Promise<void> => {
    const options = { host: '127.0.0.1', port: (server.address() as AddressInfo).port, agent: own };
    const [response] = (await once(http.get(options), 'response')) as [http.IncomingMessage];
    await once(response.resume(), 'end');
  };

  beforeAll(async () => {
    // answers that take a while: requests at the same time need connections of their own
    server = http.createServer((_, response) => void setTimeout(() => response.end('x'), 5));
    server.keepAliveTimeout = 60_000;
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => {
    agent.destroy();
    server.close();
    server.closeAllConnections();
  });

  test('a pool that gets as many as are needed at a time is none that leaks', async () => {
    let atOnce = 0;
    const body = async (): Promise<void> => {
      atOnce = Math.min(atOnce + 1, 5);
      await Promise.all(Array.from({ length: atOnce }, () => get()));
    };
    expect(await leaksOf(body)).toEqual([]);
  });

  test('an agent for each request is found, and by the line of its request before that of the server', async () => {
    const agents: http.Agent[] = [];
    const leaks = await leaksOf(async () => {
      const own = new http.Agent({ keepAlive: true });
      agents.push(own);
      await get(own);
    });
    for (const one of agents) one.destroy();
    const sockets = leaks.filter(({ resource }) => resource === 'socket');
    expect(sockets[0]?.sample).toContain('outgoing');
  });
});

test('what a test runner keeps of what a test tells it is no leak, and no reason to run the body for longer', async () => {
  const { folder, done } = await temporaryFolder();
  // stands for the lines of a console, which vitest keeps until it has printed them
  const runner = path.join(folder, 'node_modules', 'mocha', 'printed.mjs');
  await mkdir(path.dirname(runner), { recursive: true });
  await writeFile(
    runner,
    'globalThis.printedByRunner = [];\nexport const print = (line) => globalThis.printedByRunner.push(line);\n',
  );
  const { print } = (await import(/* @vite-ignore */ pathToFileURL(runner).href)) as {
    print: (line: object) => void;
  };
  let times = 0;
  await noLeaks(() => {
    times++;
    print({});
  });
  // three rounds, and one more that tells who adds to it
  expect(times).toBe(4);
  await done();
});
