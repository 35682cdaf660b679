import { expect, test } from 'vitest';

import { applies } from '../harness/suite/applies.ts';
import { selectCases } from '../harness/suite/select-cases.ts';
import { lastfin } from './command-line.ts';
import { hunt, targetOf } from './hunted-program.ts';
import { leakIn } from './leak-in.ts';
import { someCells } from './some-cells.ts';
import { inOwnFolder } from './own-folder.ts';

let out: string;
inOwnFolder((folder) => (out = folder));

const PROGRAM = 'test/programs/foreign/ws-server.mjs';

/** ms: dozens of cases, some of which wait for larger rounds */
const LONG = 600_000;

/** Target file of the WebSocket server, which names no upstream. */
const serverThat = (how: string): Promise<string> =>
  targetOf(out, {
    file: PROGRAM,
    words: [how],
    routes: { ws: { client: 'websocket-frames', request: 'hello' } },
  });

test('cases about upstreams do not apply, and the list says so', async () => {
  const { stdout } = await lastfin(['list', '--target', await serverThat('lets-go')]);
  const lines = String(stdout).split('\n');
  expect(lines.filter((line) => line.startsWith('http/'))).toEqual([]);
  expect(lines.filter((line) => line.startsWith('server/ws-')).length).toBeGreaterThan(40);
  expect(lines.at(-1)).toMatch(/do not apply to this target: .*\d+ need an upstream/);
});

test(
  'a server that forgets who has left passes',
  async () => {
    const target = await serverThat('lets-go');
    const cases = selectCases([], { target }).filter(applies);
    const ids = someCells(cases.map(({ testCase }) => testCase));
    const { results, all } = await hunt(target, ids, out);
    expect(results).toHaveLength(ids.length);
    expect(
      results.filter(({ verdict }) => verdict !== 'passed'),
      all,
    ).toEqual([]);
  },
  LONG,
);

test(
  'a server that forgets only who has said goodbye is found by its line',
  async () => {
    const target = await serverThat('holds');
    const { results, all } = await hunt(
      target,
      [
        'server/ws-client-leaves[phase=in-message,how=abandon]',
        'server/ws-mass-disconnect[phase=answered,how=reset]',
      ],
      out,
    );
    expect(results).toHaveLength(2);
    for (const { findings } of results) {
      const where = expect.arrayContaining([expect.objectContaining(leakIn(PROGRAM))]);
      expect(findings, all).toMatchObject([{ kind: 'leak', resource: 'collection', where }]);
    }
    const closed = await hunt(target, ['server/ws-closes[code=normal]'], out);
    expect(closed.results, closed.all).toMatchObject([{ verdict: 'passed' }]);
  },
  LONG,
);

test.each(['lets-go', 'holds'])(
  'a server that lets clients in at its path alone is hunted there, where it %s',
  async (how) => {
    const LEAVES = 'server/ws-client-leaves[phase=in-message,how=abandon]';
    const handshake = {
      path: '/live',
      headers: { Authorization: 'Bearer token', 'sec-websocket-protocol': 'chat' },
    };
    const target = (client: string | object): Promise<string> =>
      targetOf(out, { file: PROGRAM, words: [how, '/live'], routes: { ws: { client, request: 'hello' } } });
    const named = await hunt(await target({ protocol: 'websocket-frames', ...handshake }), [LEAVES], out);
    const leak = { kind: 'leak', resource: 'collection' };
    expect(named.results[0]?.findings, named.all).toMatchObject(how === 'holds' ? [leak] : []);
    expect(named.results[0]?.verdict).toBe(how === 'holds' ? 'failed' : 'passed');
    // all are refused, which must not look like a server without a leak
    const refused = await hunt(await target('websocket-frames'), [LEAVES], out);
    expect(refused.results, refused.all).toMatchObject([
      {
        verdict: 'error',
        reason: expect.stringMatching(/saw `400`: name what .*path: \/live.*`ws`/) as unknown,
      },
    ]);
  },
  LONG,
);
