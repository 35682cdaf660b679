import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, describe, expect, test } from 'vitest';

import { LastfinError } from '../shared/errors/lastfin-error.ts';
import { noLeaks, type NoLeaksOptions } from '../harness/in-process/no-leaks.ts';
import type { ProcessLeak } from '../harness/in-process/process-leak.ts';

const undo: (() => void)[] = [];
afterAll(() => undo.forEach((one) => one()));

/** A settling time for what is known to stay. */
const SHORT = { settle: 100 };

async function leaksOf(body: () => unknown, options: NoLeaksOptions = SHORT): Promise<ProcessLeak[]> {
  try {
    await noLeaks(body, options);
  } catch (error) {
    if (error instanceof LastfinError && 'leaks' in error.facts) return error.facts['leaks'] as ProcessLeak[];
    throw error;
  }
  return [];
}

const table = new Map<number, unknown>();

describe('what is left is found, with its line', () => {
  test.each<[string, () => unknown]>([
    ['timer', () => undo.push(clearing(setInterval(() => undefined, 60_000).unref()))],
    ['collection', () => table.set(table.size, {})],
    [
      'listener',
      () =>
        process.on(
          'SIGUSR2',
          listener(() => table.size),
        ),
    ],
    ['child', () => undo.push(killing(spawn('sleep', ['600'], { stdio: 'ignore' })))],
    ['socket', leaveSocket],
  ])('%s', async (resource, body) => {
    const leaks = await leaksOf(body);
    expect(leaks.map((leak) => leak.resource)).toContain(resource);
    expect(leaks[0]?.where[0]?.file).toBe(import.meta.filename);
  });

  test('the error names it, and its stack begins with the line', async () => {
    const error = (await noLeaks(() => table.set(table.size, {}), SHORT).catch(
      (one: unknown) => one,
    )) as LastfinError;
    expect(error.code).toBe('LASTFIN_FOUND');
    expect(error.message).toMatch(/^1 leak in rounds 2 to 3 of 3\n\n 1 {2}leak: 2 entries in a long-lived/);
    const [first] = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
    expect(first).toContain('no-leaks.test.ts:');
  });

  test('the rest of a scope, with what it has left open', async () => {
    const guard = noLeaks(SHORT);
    const timer = setInterval(() => undefined, 60_000).unref();
    await expect(guard.check()).rejects.toThrow(
      /^1 leak since the baseline\n\n 1 {2}leak: 1 timer left, from /,
    );
    clearInterval(timer);
    const clean = noLeaks();
    clearInterval(setInterval(() => undefined, 60_000));
    await clean[Symbol.asyncDispose]();
  });
});

describe('what is no leak', () => {
  let server: http.Server | undefined;
  const agent = new http.Agent({ keepAlive: true });
  const address = async (): Promise<string> => {
    server ??= http.createServer((_, response) => response.end('x')).listen(0, '127.0.0.1');
    if (!server.listening) await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  afterAll(() => {
    server?.close();
    server?.closeAllConnections();
    agent.destroy();
  });
  let resident: NodeJS.Timeout | undefined;

  test.each<[string, () => unknown]>([
    ['nothing at all: timers, workers and coverage of the runner stay', () => undefined],
    ['what is made once', () => (resident ??= setInterval(() => undefined, 60_000).unref())],
    ['something that ends by itself soon', () => void setTimeout(() => undefined, 30)],
    ['fetch and its global agent', async () => (await fetch(await address())).text()],
    [
      'a pool that keeps connections alive',
      async () => {
        const [response] = (await once(http.get(await address(), { agent }), 'response')) as [
          http.IncomingMessage,
        ];
        response.resume();
        await once(response, 'end');
      },
    ],
    ['the console', () => console.log('said in a test')],
    ['stdin', () => process.stdin.readable],
    ['an error whose stack is mapped to its source', () => new Error('never thrown').stack],
  ])('%s', async (_, body) => {
    expect(await leaksOf(body, {})).toEqual([]);
  });
  afterAll(() => clearInterval(resident));
});

describe('a cache that becomes full', () => {
  const cache = new Map<number, unknown>();
  let next = 0;
  /** Remembers the last `most` of what it has seen. */
  const remember = (most: number): void => {
    cache.set(next++, {});
    if (cache.size > most) cache.delete(cache.keys().next().value ?? 0);
  };

  test('is no leak if more rounds fill it', async () => {
    // so small that few rounds are enough, which a busy machine has time for
    expect(await leaksOf(() => remember(6), {})).toEqual([]);
    expect(cache.size).toBe(6);
  });

  test('is told with the counts of the judged rounds where the time does not suffice', async () => {
    cache.clear();
    const slow = async (): Promise<void> => {
      await delay(100);
      remember(1000);
    };
    expect(await leaksOf(slow, {})).toMatchObject([{ resource: 'collection', count: 2 }]);
  });

  test('hides no other leak, and then the body runs no more often than it must', async () => {
    cache.clear();
    let times = 0;
    const leaks = await leaksOf(() => {
      times++;
      remember(30);
      undo.push(clearing(setInterval(() => undefined, 60_000).unref()));
    });
    expect(leaks.map(({ resource }) => resource)).toContain('timer');
    expect(times).toBe(4);
  });

  test('a body that fails when it runs once more leaves what was found', async () => {
    let times = 0;
    const body = (): void => {
      if (++times > 10) throw new Error('out of ports');
      table.set(table.size, {});
    };
    expect(await leaksOf(body, {})).toMatchObject([{ resource: 'collection', count: 2 }]);
  });
});

test('checks at the same time are told apart, or say that they are not', async () => {
  // no list of what is to be undone: a list that both can reach grows for both
  let isOver = false;
  undo.push(() => (isOver = true));
  const [clean, leaky] = await Promise.allSettled([
    noLeaks(() => delay(20), { settle: 300 }),
    noLeaks(async () => {
      await delay(10);
      const timer = setInterval(() => isOver && clearInterval(timer), 1000).unref();
    }, SHORT),
  ]);
  expect(clean.status).toBe('fulfilled');
  expect(leaky).toMatchObject({ status: 'rejected' });
  expect(String((leaky as PromiseRejectedResult).reason)).toMatch(
    /timers left[^]*another check ran in this process/,
  );
});

test('errors of the body are passed on, and a body that cannot be repeated is told', async () => {
  await expect(
    noLeaks(() => {
      throw new TypeError('mine');
    }),
  ).rejects.toThrow(new TypeError('mine'));
  let times = 0;
  await expect(
    noLeaks(() => {
      if (++times > 1) throw new Error('address in use');
    }),
  ).rejects.toThrow(/failed when it was run again: address in use/);
  expect(() => noLeaks({ settle: -1 })).toThrow(/`settle` must be/);
});

test('a leak can be ignored, by its lines', async () => {
  const ignore = ({ resource }: ProcessLeak): boolean => resource === 'collection';
  expect(await leaksOf(() => table.set(table.size, {}), { ...SHORT, ignore })).toEqual([]);
});

async function leaveSocket(): Promise<void> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[net.Socket]>;
  const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(client, 'connect');
  const [other] = await accepted;
  undo.push(
    () => client.destroy(),
    () => other.destroy(),
  );
  server.close();
}

function clearing(timer: NodeJS.Timeout): () => void {
  return () => clearInterval(timer);
}

function killing(child: ReturnType<typeof spawn>): () => void {
  return () => void child.kill();
}

function listener(one: () => void): () => void {
  undo.push(() => process.off('SIGUSR2', one));
  return one;
}
