import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { applies } from '../harness/suite/applies.ts';
import { selectCases } from '../harness/suite/select-cases.ts';
import { lastfin, latestReport, runPlainly, temporaryFolder } from './command-line.ts';
import { someCells } from './some-cells.ts';

let out: string;
let done: () => Promise<void>;

beforeAll(async () => {
  ({ folder: out, done } = await temporaryFolder());
});

afterAll(() => done());

const PROGRAM = 'test/programs/foreign/ws-server.mjs';

/** ms: dozens of cases, some of which wait for larger rounds */
const LONG = 600_000;

/** Target file of the WebSocket server, which names no upstream. */
async function targetOf(how: string): Promise<string> {
  const command = [process.execPath, path.resolve(PROGRAM), how];
  const routes = { ws: { client: 'websocket-frames', request: 'hello' } };
  const target = path.join(out, `ws-${how}.yaml`);
  await writeFile(target, JSON.stringify({ about: 'A WebSocket server.', kind: 'node', command, routes }));
  return target;
}

async function hunt(target: string, ids: readonly string[]) {
  const words = [...ids.flatMap((id) => ['--case', id]), '--target', target, '--out', out];
  const { all } = await runPlainly(words);
  return { results: (await latestReport(out)).results, all: String(all) };
}

test('cases about upstreams do not apply, and the list says so', async () => {
  const { stdout } = await lastfin(['list', '--target', await targetOf('lets-go')]);
  const lines = String(stdout).split('\n');
  expect(lines.filter((line) => line.startsWith('http/'))).toEqual([]);
  expect(lines.filter((line) => line.startsWith('server/ws-')).length).toBeGreaterThan(40);
  expect(lines.at(-1)).toMatch(/do not apply to this target: .*\d+ need an upstream/);
});

test(
  'a server that forgets who has left passes',
  async () => {
    const target = await targetOf('lets-go');
    const cases = selectCases([], { target }).filter(applies);
    const ids = someCells(cases.map(({ testCase }) => testCase));
    const { results, all } = await hunt(target, ids);
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
    const lines = readFileSync(PROGRAM, 'utf8').split('\n');
    const line = lines.findIndex((text) => text.includes('// leak: collection')) + 1;
    const target = await targetOf('holds');
    const { results, all } = await hunt(target, [
      'server/ws-client-leaves[phase=in-message,how=abandon]',
      'server/ws-mass-disconnect[phase=answered,how=reset]',
    ]);
    expect(results).toHaveLength(2);
    for (const { findings } of results) {
      const where = expect.arrayContaining([
        expect.objectContaining({ file: expect.stringContaining('ws-server.mjs'), line }),
      ]);
      expect(findings, all).toMatchObject([{ kind: 'leak', resource: 'collection', where }]);
    }
    const closed = await hunt(target, ['server/ws-closes[code=normal]']);
    expect(closed.results, closed.all).toMatchObject([{ verdict: 'passed' }]);
  },
  LONG,
);
