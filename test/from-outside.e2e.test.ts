import { expect, test } from 'vitest';

import { latestReport, runPlainly } from './command-line.ts';
import { inOwnFolder } from './own-folder.ts';

let out: string;
inOwnFolder((folder) => (out = folder));

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
