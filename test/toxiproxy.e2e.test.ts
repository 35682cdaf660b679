import { expect, test } from 'vitest';

import { has } from './optional.ts';
import { lastfin, latestReport } from './command-line.ts';
import { inOwnFolder } from './own-folder.ts';

let out: string;
inOwnFolder((folder) => (out = folder));

const CASES = ['run', '--case', 'faults/link-reset*', 'faults/link-cut-short', 'faults/link-down*'];

async function verdicts(which: string): Promise<{ name: string | undefined; verdicts: unknown }> {
  await lastfin([...CASES, '--toxiproxy', which, '--out', out]);
  const { toxiproxy, results } = await latestReport(out);
  return {
    name: toxiproxy,
    verdicts: results.map(({ id, verdict, terminations }) => ({ id, verdict, terminations })),
  };
}

test.runIf(has('the real Toxiproxy'))(
  'the embedded and the real Toxiproxy lead to the same verdicts, and the report says which it was',
  async () => {
    const embedded = await verdicts('embedded');
    const real = await verdicts('real');
    expect(embedded.name).toBe('embedded 2.12.0');
    expect(real.name).toMatch(/^real /);
    expect(real.verdicts).toEqual(embedded.verdicts);
    expect(JSON.stringify(real.verdicts)).not.toMatch(/failed|error/);
  },
);

test('what is neither a word nor an address is refused', async () => {
  const { exitCode, all } = await lastfin([...CASES, '--toxiproxy', 'rael']);
  expect(all).toContain('--toxiproxy is `embedded`, `real` or a URL, not `rael`');
  expect(exitCode).toBe(2);
});
