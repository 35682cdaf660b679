import { expect, test } from 'vitest';

import { hunt, targetOf } from './hunted-program.ts';
import { leakIn } from './leak-in.ts';
import { inOwnFolder } from './own-folder.ts';

let out: string;
inOwnFolder((folder) => (out = folder));

const PROGRAM = 'test/programs/foreign/events.mjs';

/** Cases of servers whose clients wait for an answer, leave, and are served again. */
const CASES = [
  'server/aborted-request[phase=answered,how=*]',
  'server/aborted-request[phase=nothing-said,how=*]',
  'server/mass-disconnect[phase=parked,how=reset]',
  'server/stop[clients=parked]',
];

test('a server of events that lets go passes, and the report says that no whole answer was seen', async () => {
  const results = await huntServer('lets-go', CASES);
  expect(results.length).toBeGreaterThanOrEqual(8);
  expect(results.filter(({ verdict }) => verdict !== 'passed')).toEqual([]);
  for (const { blind } of results) expect(blind?.join()).toContain('whether answers come whole');
});

test('a server of events that keeps listeners of clients that left is found by its line', async () => {
  const results = await huntServer('holds', ['server/aborted-request[phase=answered,how=reset]']);
  const where = expect.arrayContaining([expect.objectContaining(leakIn(PROGRAM))]);
  expect(results).toMatchObject([{ findings: [{ kind: 'leak', resource: 'listener', where }] }]);
});

test('whoever asks again behind an answer without an end is skipped, with the reason', async () => {
  const results = await huntServer('lets-go', ['server/keep-alive[how=close]']);
  expect(results).toMatchObject([{ verdict: 'skipped', reason: expect.stringContaining('asks again') }]);
});

/** Runs cases on the server of events. */
async function huntServer(how: string, ids: string[]) {
  const target = await targetOf(out, { file: PROGRAM, words: [how], routes: { http: { client: 'http' } } });
  return (await hunt(target, ids, out)).results;
}
