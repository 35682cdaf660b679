import { spawnSync } from 'node:child_process';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { lastfin, latestReport, temporaryFolder } from './command-line.ts';

/** Programs that are not here are skipped by name, unless all must be here. */
const isHere = (program: string): boolean =>
  process.env['LASTFIN_REQUIRE_ALL'] === '1' || spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** What each program is known not to do, and nothing else may fail. */
const PROXIES = [
  { target: 'nginx-http', program: 'nginx', scenarios: ['http'], least: 180, fails: [] },
  { target: 'socat', program: 'socat', scenarios: ['faults', 'lifecycle'], least: 35, fails: [] },
];

let out: string;
let done: () => Promise<void>;

beforeAll(async () => {
  ({ folder: out, done } = await temporaryFolder());
});

afterAll(() => done());

for (const { target, program, scenarios, least, fails } of PROXIES) {
  const name = isHere(program)
    ? target
    : `${target} (skipped: no ${program} here; \`npm run setup\` adds it)`;
  test.skipIf(!isHere(program))(`${name}: the generic scenarios pass`, async () => {
    const { all } = await lastfin(['run', ...scenarios, '--target', target, '--out', out]);
    const { counts, results } = await latestReport(out);
    const bad = results.filter(({ verdict }) => verdict === 'failed' || verdict === 'error');
    expect([...new Set(bad.map(({ scenario }) => scenario))], String(all)).toEqual(fails);
    expect(counts.passed).toBeGreaterThanOrEqual(least);
    // what does not apply says why
    const skipped = results.filter(({ verdict }) => verdict === 'skipped');
    expect(skipped.filter(({ reason }) => reason === undefined || reason === '')).toEqual([]);
  });
}
