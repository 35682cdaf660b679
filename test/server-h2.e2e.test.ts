import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { applies } from '../harness/suite/applies.ts';
import { selectCases } from '../harness/suite/select-cases.ts';
import { latestReport, runPlainly, temporaryFolder } from './command-line.ts';
import { someCells } from './some-cells.ts';

let out: string;
let done: () => Promise<void>;

beforeAll(async () => {
  ({ folder: out, done } = await temporaryFolder());
});

afterAll(() => done());

const PROGRAM = 'test/programs/foreign/h2-streams.mjs';

/** ms: dozens of cases, some of which wait for larger rounds */
const LONG = 600_000;

/** Target file of a server of HTTP/2 without an upstream. */
async function targetOf(program: string, ...more: string[]): Promise<string> {
  const command = [process.execPath, path.resolve(program), ...more];
  const routes = { web: { client: 'h2c' } };
  const target = path.join(out, `${path.basename(program, '.mjs')}-${more.join('-')}.yaml`);
  await writeFile(target, JSON.stringify({ about: 'A server of HTTP/2.', kind: 'node', command, routes }));
  return target;
}

async function hunt(target: string, ids: readonly string[]) {
  const { all } = await runPlainly([
    ...ids.flatMap((id) => ['--case', id]),
    '--target',
    target,
    '--out',
    out,
  ]);
  return { results: (await latestReport(out)).results, all: String(all) };
}

test.each([
  ['of streams', PROGRAM, 'lets-go'],
  ['of requests and responses', 'test/programs/foreign/h2-compat.mjs', ''],
])(
  'a server %s that lets go of what is cancelled passes what only HTTP/2 has',
  async (_, program, how) => {
    const target = await targetOf(program, how);
    const chosen = selectCases([], { target }).filter(applies);
    const own = chosen.filter(({ testCase: { id } }) => id.startsWith('server/h2-'));
    expect(own.length).toBeGreaterThan(60);
    const ids = someCells(own.map(({ testCase }) => testCase));
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
  'a server that drops the state of a stream only once its request has ended is found by its line',
  async () => {
    const lines = readFileSync(PROGRAM, 'utf8').split('\n');
    const line = lines.findIndex((text) => text.includes('// leak: collection')) + 1;
    const target = await targetOf(PROGRAM, 'holds');
    const cases = [
      'server/h2-cancelled[phase=in-body,code=cancel]',
      'server/h2-connection-lost[phase=in-body,by=reset]',
      'server/h2-goaway[phase=cancelled,code=no-error,leaves=abandon]',
    ];
    const { results, all } = await hunt(target, cases);
    expect(results).toHaveLength(cases.length);
    for (const { findings } of results) {
      const where = expect.arrayContaining([
        expect.objectContaining({ file: expect.stringContaining('h2-streams.mjs'), line }),
      ]);
      expect(findings, all).toMatchObject([{ kind: 'leak', resource: 'collection', where }]);
    }
    // the same server answers well
    const answered = await hunt(target, ['server/h2-streams[how=close]']);
    expect(answered.results, answered.all).toMatchObject([{ verdict: 'passed' }]);
  },
  LONG,
);
