import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { someOf } from '../shared/testing/share-of.ts';
import { lastfin, latestReport, temporaryFolder } from './command-line.ts';

type Result = Awaited<ReturnType<typeof latestReport>>['results'][number];

const SCENARIOS = 'test/programs/hostile/scenarios';

/** Acts that change the language or Node under the program: it is looked at all the same. */
const LOOKED_AT = someOf([
  'none',
  'stacks',
  'frozen',
  'readOnlyLimit',
  'node',
  'language',
  'deletedGlobals',
  'noListeners',
]);

/** Acts against the harness, with the finding that each is. */
const FINDINGS: Readonly<Record<string, { kind: string; says: RegExp }>> = {
  loops: { kind: 'obstruction', says: /did not answer .*: its main thread runs without coming back/ },
  promiseLoop: { kind: 'obstruction', says: /did not answer/ },
  tickLoop: { kind: 'obstruction', says: /did not answer/ },
  pausesItself: { kind: 'obstruction', says: /did not answer/ },
  blocksInSync: { kind: 'obstruction', says: /did not answer/ },
  blocksInWait: { kind: 'obstruction', says: /did not answer .*: its main thread waits for another thread/ },
  busyThread: { kind: 'obstruction', says: /worker thread 1 .* did not answer/ },
  stopsItself: { kind: 'obstruction', says: /did not answer .*: its process is stopped/ },
  loopsOnStop: { kind: 'no-exit', says: /kept alive by its main thread runs/ },
  stopsOnStop: { kind: 'no-exit', says: /kept alive by its process is stopped/ },
  closesDescriptors: { kind: 'obstruction', says: /has closed the connection of its probe/ },
  saysNull: { kind: 'obstruction', says: /what is no message of the probe: "null"/ },
  saysText: { kind: 'obstruction', says: /what is no message of the probe/ },
  saysNoise: { kind: 'obstruction', says: /what is not JSON/ },
  saysList: { kind: 'obstruction', says: /what is no message of the probe/ },
  saysReport: { kind: 'obstruction', says: /an answer that nobody has asked for/ },
  stopsHarness: { kind: 'obstruction', says: /stopped the harness/ },
  exitsZero: { kind: 'crash', says: /died unasked, .* with exit code 0/ },
  exitsSoon: { kind: 'crash', says: /died unasked, .* with exit code 0/ },
  killsItself: { kind: 'crash', says: /died unasked, .* by SIGKILL/ },
  throws: { kind: 'crash', says: /died unasked, .*poisoned/ },
};

let out: string;
let done: () => Promise<void>;
let cases: Map<string, Result>;
/** Acts that are tried. */
const attacks = someOf(Object.entries(FINDINGS));

/** Runs these cases and gives them by their name. */
async function run(names: readonly string[]): Promise<Map<string, Result>> {
  const chosen = names.flatMap((name) => ['--case', name]);
  const { exitCode, all } = await lastfin(
    ['run', '--root', SCENARIOS, ...chosen, '--jobs', '8', '--reporter', 'silent', '--out', out],
    { timeout: 240_000 },
  );
  expect(exitCode, String(all)).toBe(1);
  const { results } = await latestReport(out);
  return new Map(results.map((one) => [one.id, one]));
}

const idOf = (act: string, leak: 'yes' | 'no' = 'no'): string => `hostile[leak=${leak},act=${act}]`;

beforeAll(async () => {
  ({ folder: out, done } = await temporaryFolder());
  // one run for all, many at once: most of the time nobody does anything but wait
  cases = await run([
    ...LOOKED_AT.flatMap((act) => [idOf(act, 'no'), idOf(act, 'yes')]),
    ...attacks.map(([act]) => idOf(act)),
    idOf('longLine'),
    idOf('manyEnds'),
  ]);
}, 260_000);

afterAll(() => done());

describe('a program that changes everything around the probe', () => {
  test.each(LOOKED_AT)('%s: passes, and its leaky twin is found', (act) => {
    expect(cases.get(idOf(act, 'no'))).toMatchObject({ verdict: 'passed', findings: [] });
    expect(cases.get(idOf(act, 'yes'))).toMatchObject({
      verdict: 'failed',
      findings: [{ kind: 'leak', resource: 'timer', count: 20 }],
    });
  });
});

describe('a program that hangs, dies or attacks the harness', () => {
  test.each(attacks)('%s is a finding', (act, { kind, says }) => {
    const result = cases.get(idOf(act));
    expect(result?.verdict, result?.reason).toBe('failed');
    const found = result?.findings.find((one) => one.kind === kind);
    expect(found?.message, JSON.stringify(result?.findings)).toMatch(says);
  });
});

describe('a program that prints without an end', () => {
  test('a line is cut, and that is told', () => {
    expect(cases.get(idOf('longLine'))).toMatchObject({
      verdict: 'passed',
      blind: [expect.stringMatching(/^\d+ characters of its output: their lines were too long$/) as string],
    });
  });

  test('end lines are kept as many as its connections can have, and the journal stays small', async () => {
    const result = cases.get(idOf('manyEnds'));
    expect(result?.blind).toEqual([
      expect.stringMatching(
        /^\d+ more lines of ended connections in its log: the first 10000 are judged$/,
      ) as string,
    ]);
    const journal = await readFile(`${out}/latest/${result?.journal}`, 'utf8');
    expect(journal.length).toBeLessThan(4 * 2 ** 20);
  });
});
