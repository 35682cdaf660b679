import { spawnSync } from 'node:child_process';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { lastfin, latestReport, temporaryFolder } from './command-line.ts';

/** Programs that are not here are skipped by name, unless all must be here. */
const isHere = (program: string): boolean =>
  process.env['LASTFIN_REQUIRE_ALL'] === '1' || spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

const ALL = ['scenarios/faults', 'scenarios/lifecycle'];
/** Where an HTTP proxy answers for its upstream, by 502, it says something else than a TCP proxy. */
const HTTP = [
  'scenarios/http',
  'scenarios/faults/client-reset.yaml',
  'scenarios/faults/client-abandons.yaml',
  'scenarios/lifecycle/close-after-exchange.yaml',
  'scenarios/lifecycle/close-unused.yaml',
  'scenarios/lifecycle/hundreds.yaml',
];

/** What each program is known not to do, and nothing else may fail. */
const PROXIES = [
  // an upstream that answers and closes before the request is over sees it cut short
  {
    target: 'nginx-http',
    program: 'nginx',
    scenarios: HTTP,
    least: 22,
    fails: ['lifecycle/close-after-exchange', 'lifecycle/close-unused'],
  },
  { target: 'socat', program: 'socat', scenarios: ALL, least: 35, fails: [] },
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
