import { afterEach, expect, test } from 'vitest';

import type { Report } from '../../probe/protocol.ts';
import { grown, PipeContext } from '../testing/pipe-context.ts';
import { emptySample } from '../../probe/observer.ts';
import { confirm } from './confirm.ts';

/** Connections of the judged round and of both that confirm. */
const CONFIRMED = 9;
const where = [{ file: '/a.js', line: 3, column: 1 }];

let pipe: PipeContext;
afterEach(() => {
  pipe.close();
});

/** Confirms the growth of a judged round of three connections in a target whose count follows from its connections. */
async function confirmGrowth(count: (accepted: number) => number, first: Report): Promise<boolean> {
  pipe = await PipeContext.open({
    observer: (around) => ({
      // the judged round is not run here
      report: () => Promise.resolve({ suspects: [grown(count(around.accepted + 3))], took: 0 }),
      explain: () => Promise.resolve({ x: where }),
    }),
  });
  return confirm(pipe.context, { nameless: first });
}

const firstReport: Report = { suspects: [grown(3)], took: 0 };

test('a resident does not grow in two more rounds: nothing is enlarged', async () => {
  expect(await confirmGrowth(() => 3, firstReport)).toBe(false);
  expect(pipe.entries('report').map(({ at, round }) => [at, round])).toEqual([['confirmed', 3]]);
  expect(pipe.entries('enlarged')).toEqual([]);
  expect(pipe.accepted).toBe(6);
});

test('a cache grows, and stops in the first larger round', async () => {
  expect(await confirmGrowth((accepted) => Math.min(accepted, CONFIRMED), firstReport)).toBe(true);
  expect(pipe.entries('enlarged').map(({ report }) => report.suspects[0]?.count)).toEqual([CONFIRMED]);
});

test('a leak grows with every connection: larger rounds go on until 600 more have told', async () => {
  expect(await confirmGrowth((accepted) => accepted, firstReport)).toBe(true);
  const enlarged = pipe.entries('enlarged');
  const connections = enlarged.reduce((sum, entry) => sum + entry.connections, 0);
  expect(connections).toBeGreaterThanOrEqual(600);
  expect(connections).toBeLessThan(700);
  expect(enlarged.at(-1)?.report.suspects[0]?.count).toBe(CONFIRMED + connections);
});

test('growth that has a name only now has it in the judged round too, with the lines that inserted', async () => {
  pipe = await PipeContext.open({
    observer: () => ({
      report: () =>
        Promise.resolve({
          suspects: [grown(3, { fingerprint: 'map' })],
          took: 0,
          names: { '#1': [{ fingerprint: 'map', share: 1 }] },
        }),
      explain: () => Promise.resolve({ '#1': where }),
    }),
  });
  await confirm(pipe.context, { nameless: { suspects: [grown(3, { fingerprint: '#1' })], took: 0 } });
  const [, named] = pipe.entries('report');
  expect(named).toMatchObject({ at: 'settled', round: 1, report: { suspects: [{ fingerprint: 'map' }] } });
  expect(pipe.entries('explained')[0]?.lines).toEqual({ map: [{ ...where[0], file: 'a.js' }] });
});

test('a larger round that a limit breaks off is waited for: rounds of the own size go on after it', async () => {
  // one less than a larger round has
  pipe = await PipeContext.open({
    most: 29,
    observer: (around) => ({
      sample: () => Promise.resolve({ ...emptySample(), gauges: { held: around.forget() } }),
      report: () => Promise.resolve({ suspects: [grown(around.accepted + 3)], took: 0 }),
      explain: () => Promise.resolve({ x: where }),
    }),
  });
  expect(await confirm(pipe.context, { nameless: firstReport })).toBe(true);
  const [first] = pipe.entries('enlarged');
  expect(first?.connections).toBe(30);
});
