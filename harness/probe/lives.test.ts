import { once } from 'node:events';
import net from 'node:net';
import { expect, test } from 'vitest';

import { markedLine, startFixture, type Fixture } from './fixtures/start-fixture.ts';
import type { SocketLife } from './protocol.ts';

const FILE = 'ending-proxy.mjs';

/** Line of the server that the proxy connects to. */
const UPSTREAM = 6;

/** A warm-up before the baseline, `times` visits after it, and then the lives of the proxy's own sockets. */
async function livesAfter(
  mode: string,
  visit: (fixture: Fixture) => Promise<unknown>,
  lives = true,
): Promise<SocketLife[]> {
  const fixture = await startFixture(FILE, [mode], { lives });
  try {
    await fixture.visit(1);
    await fixture.probe.baseline();
    await visit(fixture);
    const all = await fixture.probe.lives();
    // the upstream is in the same process
    return all.filter(({ steps }) => !steps.some(({ where }) => where.some(({ line }) => line === UPSTREAM)));
  } finally {
    await fixture.stop();
  }
}

test('names the call that ended each socket; lines of the warm-up do not come first', async () => {
  const lives = await livesAfter('destroys', ({ visit }) => visit(3));
  expect(lives.map(({ side, count, open }) => ({ side, count, open }))).toEqual(
    expect.arrayContaining([
      { side: 'incoming', count: 3, open: false },
      { side: 'outgoing', count: 3, open: false },
    ]),
  );
  const outgoing = lives.find(({ side }) => side === 'outgoing');
  const ended = outgoing?.steps.find(({ kind }) => kind === 'ended');
  expect(ended).toMatchObject({ what: 'destroy()', usual: 1 });
  expect(ended?.where.slice(0, 3).map(({ line, name }) => [line, name])).toEqual([
    [markedLine(FILE, 'helper'), 'closeBoth'],
    [markedLine(FILE, 'mistake'), 'impatient'],
    [markedLine(FILE, 'caller'), undefined],
  ]);
  const steps = outgoing?.steps.map(({ what }) => what) ?? [];
  expect(steps.slice(0, 2)).toEqual(['connect()', 'connect']);
  expect(steps.indexOf('end')).toBeGreaterThan(0);
  expect(steps.indexOf('destroy()')).toBeGreaterThan(steps.indexOf('end'));
  expect(outgoing?.steps[0]?.where[0]?.line).toBe(markedLine(FILE, 'connect'));
});

test('a socket that nobody ended shows what came, and that nobody listened', async () => {
  const lives = await livesAfter('forgets', async ({ port }) => {
    const client = net.connect(port, '127.0.0.1').resume();
    client.write('go\n');
    await once(client, 'data');
    client.end();
    await once(client, 'finish');
  });
  const incoming = lives.find(({ side }) => side === 'incoming');
  expect(incoming).toMatchObject({ count: 1, open: true });
  expect(incoming?.steps.some(({ kind }) => kind === 'ended')).toBe(false);
  const outgoing = lives.find(({ side }) => side === 'outgoing');
  expect(outgoing?.steps.find(({ what }) => what === 'end')?.where.map(({ line }) => line)).toEqual([
    markedLine(FILE, 'connect') + 5,
  ]);
});

test('a socket that is destroyed as in the warm-up has its line all the same', async () => {
  const lives = await livesAfter('always', ({ visit }) => visit(1));
  const ended = lives.flatMap(({ steps }) => steps.filter(({ kind }) => kind === 'ended'));
  const told = ended.map(({ what, usual, where }) => [what, usual, where[0]?.line ?? 0] as const);
  expect(told.toSorted(([, , a], [, , b]) => a - b)).toEqual([
    ['destroy()', 2, markedLine(FILE, 'helper')],
    ['destroy()', 2, markedLine(FILE, 'helper') + 1],
  ]);
});

test('nothing is followed unless it is asked for', async () => {
  expect(await livesAfter('destroys', ({ visit }) => visit(1), false)).toEqual([]);
});
