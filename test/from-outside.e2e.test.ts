import { afterAll, beforeAll, expect, test } from 'vitest';

import { latestReport, runPlainly, temporaryFolder } from './command-line.ts';

let out: string;
let done: () => Promise<void>;

beforeAll(async () => {
  ({ folder: out, done } = await temporaryFolder());
});

afterAll(() => done());

test('a program that publishes by a metrics page alone is judged by its own reasons, and no probe is in it', async () => {
  const cases = ['faults/client-reset[phase=idle]', 'lifecycle/close-unused[by=upstream]'];
  const target = ['--target', 'proxy-from-outside'];
  const { all } = await runPlainly(['--case', ...cases, ...target, '--out', out]);
  const { results } = await latestReport(out);
  expect(
    results.map(({ verdict }) => verdict),
    String(all),
  ).toEqual(['passed', 'passed']);
  expect(results.map(({ terminations }) => terminations)).toEqual([
    { incoming: { econnreset: 20 }, outgoing: { closed_incoming: 20 } },
    { incoming: { closed_outgoing: 20 }, outgoing: { normal: 20 } },
  ]);
});
