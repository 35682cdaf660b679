import { expect, test } from 'vitest';

import { emptySample, type Observer } from '../../probe/observer.ts';
import type { Report, Sample, Suspect } from '../../probe/protocol.ts';
import { settle } from './settle.ts';

const DRAIN = 60;

/** A target of which each look and each report says the next of what is given, and from then on the last. */
async function settleOn({
  sockets,
  suspects = [[]],
}: {
  sockets: (reports: number) => number;
  suspects?: Suspect[][];
}): ReturnType<typeof settle> {
  let reports = 0;
  const sample = (): Promise<Sample> =>
    Promise.resolve({ ...emptySample(), fds: { socket: sockets(reports) } });
  const report = (): Promise<Report> => {
    const last = suspects[Math.min(reports++, suspects.length - 1)] ?? [];
    return Promise.resolve({ suspects: last, took: 0 });
  };
  const observer = { sample, report } as Pick<Observer, 'sample' | 'report'> as Observer;
  const target = { pid: process.pid } as Parameters<typeof settle>[0]['target'];
  const plan = { expect: { drain: DRAIN }, connections: { count: 10 } } as Parameters<typeof settle>[3];
  return settle(
    { observer, target, acceptsPending: () => false },
    { ...emptySample(), fds: { socket: 5 } },
    performance.now(),
    plan,
    new AbortController().signal,
  );
}

const suspect: Suspect = {
  resource: 'descriptor',
  rule: 'pace',
  fingerprint: 'x',
  count: 4,
  where: [],
  sample: '',
};

test('all is back at once', async () => {
  const settled = await settleOn({ sockets: () => 5 });
  expect(settled.drained).toBe(true);
  expect(settled.took).toBeLessThan(DRAIN);
});

test('what stays has not drained', async () => {
  const settled = await settleOn({ sockets: () => 9, suspects: [[suspect]] });
  expect(settled).toMatchObject({ drained: false, took: DRAIN, sample: { fds: { socket: 9 } } });
  expect(settled.report.suspects).toEqual([suspect]);
});

test('what goes between the last look and the report is not told by a count without a name', async () => {
  const settled = await settleOn({ sockets: (reports) => (reports === 0 ? 9 : 5) });
  expect(settled).toMatchObject({ drained: true, sample: { fds: { socket: 5 } }, report: { suspects: [] } });
});
