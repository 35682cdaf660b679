import { expect, test } from 'vitest';

import { LogGauges } from './log-gauges.ts';

test('one more and one less, and the count itself', () => {
  const gauges = new LogGauges({
    records: { up: / opened$/u, down: / closed$/u },
    pool: { value: /pool has (\d+)/u },
  });
  expect(gauges.values).toEqual({ records: 0, pool: 0 });
  for (const line of [
    '1 opened',
    '2 opened',
    'pool has 12 sockets',
    '1 closed',
    'pool has none',
    '2 re-opened',
  ]) {
    gauges.read(line);
  }
  expect(gauges.values).toEqual({ records: 1, pool: 12 });
});

test('lines that are only counted', () => {
  const counters = new LogGauges({ warnings: { up: /idle for \d+ s/u } });
  for (const line of ['1 idle for 60 s', '1 closed', '2 idle for 60 s']) counters.read(line);
  expect(counters.values).toEqual({ warnings: 2 });
});
