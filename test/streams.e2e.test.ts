import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { latestReport, runPlainly, temporaryFolder } from './command-line.ts';

let out: string;
let done: () => Promise<void>;

beforeAll(async () => {
  ({ folder: out, done } = await temporaryFolder());
});

afterAll(() => done());

/** Cases of servers whose clients wait for an answer, leave, and are served again. */
const CASES = [
  'server/aborted-request[phase=answered,how=*]',
  'server/aborted-request[phase=nothing-said,how=*]',
  'server/mass-disconnect[phase=parked,how=reset]',
  'server/stop[clients=parked]',
];

test('a server of events that lets go passes, and the report says that no whole answer was seen', async () => {
  const results = await hunt('lets-go', CASES);
  expect(results.length).toBeGreaterThanOrEqual(8);
  expect(results.filter(({ verdict }) => verdict !== 'passed')).toEqual([]);
  for (const { blind } of results) expect(blind?.join()).toContain('whether answers come whole');
});

test('a server of events that keeps listeners of clients that left is found by its line', async () => {
  const results = await hunt('holds', ['server/aborted-request[phase=answered,how=reset]']);
  const where = expect.arrayContaining([
    expect.objectContaining({ file: expect.stringContaining('events.mjs'), line: 11 }),
  ]);
  expect(results).toMatchObject([{ findings: [{ kind: 'leak', resource: 'listener', where }] }]);
});

test('whoever asks again behind an answer without an end is skipped, with the reason', async () => {
  const results = await hunt('lets-go', ['server/keep-alive[how=close]']);
  expect(results).toMatchObject([{ verdict: 'skipped', reason: expect.stringContaining('asks again') }]);
});

/** Runs cases on the server of events. */
async function hunt(how: string, ids: string[]) {
  const command = [process.execPath, path.resolve('test/programs/foreign/events.mjs'), how];
  const target = path.join(out, `events-${how}.yaml`);
  const routes = { http: { client: 'http' } };
  await writeFile(target, JSON.stringify({ about: 'A server of events.', kind: 'node', command, routes }));
  await runPlainly([...ids.flatMap((id) => ['--case', id]), '--target', target, '--out', out]);
  return (await latestReport(out)).results;
}
