import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { lastfin, latestReport, temporaryFolder } from './command-line.ts';

let folder: string;
let done: () => Promise<void>;

beforeAll(async () => {
  ({ folder, done } = await temporaryFolder());
});
afterAll(() => done());

const SCENARIO = (target: string): string => `about: An exchange, then the client ends.
target: ${target}
connections: 3
client: [open, { send: 64 }, { expect: 64 }, close]
upstream: [{ expect: 64 }, { send: 64 }, { expect: closed }, close]
deadline: 2s
expect: { drain: 500ms }
`;

/** Two programs with their target files and a scenario each: `one` leaks or not, `two` is clean. */
async function project(): Promise<string> {
  const root = path.join(folder, 'scenarios');
  await mkdir(root);
  const leaky = path.resolve('scenarios/targets/leaky');
  for (const name of ['one', 'two']) {
    const home = path.join(folder, name);
    await mkdir(home);
    await copyFile(path.join(leaky, 'mended.mjs'), path.join(home, 'program.mjs'));
    const target = path.join(home, 'target.yaml');
    await writeFile(
      target,
      (await readFile(path.join(leaky, 'mended.yaml'), 'utf8')).replaceAll('mended.mjs', 'program.mjs'),
    );
    await writeFile(path.join(root, `${name}.yaml`), SCENARIO(target));
  }
  return root;
}

test('a changed program reruns its cases, a scenario its own, and keys the rest', async () => {
  const root = await project();
  const out = path.join(folder, 'reports');
  const args = ['watch', '--root', root, '--out', out, '--lab', 'none', '--alone', '0', '--jobs', '2'];
  const watching = lastfin(args, { stdin: 'pipe' });
  let text = '';
  watching.stderr?.on('data', (part: Buffer) => (text += String(part)));
  /** Waits until the command waits for the n-th time, and gives what it has said since the time before. */
  const waits = async (times: number): Promise<string> => {
    const parts = (): string[] => text.split('waiting for a change');
    await expect
      .poll(() => parts().length - 1, { timeout: 120_000, interval: 50 })
      .toBeGreaterThanOrEqual(times);
    return parts()[times - 1] ?? '';
  };
  const ran = async (): Promise<Record<string, string>> =>
    Object.fromEntries((await latestReport(out)).results.map(({ scenario, verdict }) => [scenario, verdict]));

  expect(await waits(1)).toContain('all: 2 cases');
  expect(await ran()).toEqual({ one: 'passed', two: 'passed' });

  await copyFile('scenarios/targets/leaky/timer.mjs', path.join(folder, 'one/program.mjs'));
  expect(await waits(2)).toMatch(/changed: \S*one\/program\.mjs: 1 case\n/);
  expect(await ran()).toEqual({ one: 'failed' });

  watching.stdin?.write('f\n');
  expect(await waits(3)).toContain('those that failed: 1 case');

  const scenario = path.join(root, 'two.yaml');
  const before = await readFile(scenario, 'utf8');
  await writeFile(scenario, 'about: [');
  expect(await waits(4)).toContain('LASTFIN_SCENARIO_INVALID');
  await writeFile(scenario, before);
  expect(await waits(5)).toMatch(/changed: \S*two\.yaml: 1 case\n/);
  expect(await ran()).toEqual({ two: 'passed' });

  watching.stdin?.write('\n');
  expect(await waits(6)).toContain('all: 2 cases');
  watching.stdin?.write('q\n');
  expect((await watching).exitCode).toBe(0);
}, 280_000);
