import { expect, test } from 'vitest';

import { emptySample, type Observer } from '../../probe/observer.ts';
import type { Report, Sample, Suspect } from '../../probe/protocol.ts';
import { settle } from './settle.ts';

const DRAIN = 60;

/** Settles on a target whose looks give `sockets` and whose reports give `suspects`, one after the other and then the last again. */
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
  type Context = Parameters<typeof settle>[0];
  const target = { pid: process.pid } as Context['lab']['target'];
  return settle(
    {
      case: { expect: { drain: DRAIN }, connections: { count: 10 } } as Context['case'],
      lab: { observer, target, acceptsPending: () => false },
      baseline: { ...emptySample(), fds: { socket: 5 } },
      signal: new AbortController().signal,
    },
    { since: performance.now() },
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
