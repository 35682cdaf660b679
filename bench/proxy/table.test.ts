import { expect, test } from 'vitest';

import { judge } from './figures.ts';
import type { Figure } from './figures.ts';
import { cells, HEAD, markdown } from './table.ts';

const THROUGHPUT: Figure = {
  title: 'throughput',
  unit: 'MB/s',
  compared: 'ratio',
  aim: { atLeast: 0.95 },
  samples: { bare: [1000, 1000, 1000], lastfin: [960, 900, 1010], haproxy: [1500] },
};

test('the median of the pairs decides, not the ratio of the medians', () => {
  const judged = judge({ ...THROUGHPUT, samples: { bare: [100, 10, 1], lastfin: [90, 12, 1] } });
  expect(judged.result).toEqual({ median: 1, least: 0.9, most: 1.2 });
  expect(judged.met).toBe(true);
});

test('an aim that is not reached is missed, from either side', () => {
  expect(judge({ ...THROUGHPUT, aim: { atLeast: 0.97 } }).met).toBe(false);
  expect(judge({ ...THROUGHPUT, aim: { atMost: 0.95 } }).met).toBe(false);
  expect(judge({ ...THROUGHPUT, aim: { atMost: 0.96 } }).met).toBe(true);
});

test('nothing to compare is neither met nor missed', () => {
  const judged = judge({ ...THROUGHPUT, samples: { bare: [1000] } });
  expect(judged.result).toBeUndefined();
  expect(judged.met).toBeUndefined();
  expect(cells([judged])).toEqual([['throughput, MB/s', '1000', '–', '–', '–', '', '≥ 0.95×', '']]);
});

test('a row has the medians, the comparison with its spread, the aim and whether it is met', () => {
  expect(cells([judge(THROUGHPUT)])).toEqual([
    ['throughput, MB/s', '1000', '960', '–', '1500', '0.96× (0.90–1.01)', '≥ 0.95×', 'met'],
  ]);
});

test('what is compared to something else says so', () => {
  const judged = judge({ ...THROUGHPUT, against: 'direct', samples: { direct: [1000], lastfin: [990] } });
  expect(cells([judged])[0]).toEqual([
    'throughput, MB/s',
    '–',
    '990',
    '–',
    '–',
    '0.99× (0.99–0.99) of 1000 direct',
    '≥ 0.95×',
    'met',
  ]);
});

test('a difference has a sign and its unit; a value stands by itself', () => {
  const difference: Figure = {
    title: 'memory',
    unit: 'KiB',
    compared: 'difference',
    aim: { atMost: 2 },
    samples: { bare: [4.5, 4.5], lastfin: [7, 4.25] },
  };
  const value: Figure = {
    title: 'timers',
    unit: '',
    compared: 'value',
    aim: { atMost: 1 },
    samples: { lastfin: [2] },
  };
  expect(cells([judge(difference), judge(value)])).toEqual([
    ['memory, KiB', '4.50', '5.63', '–', '–', '+1.13 KiB (-0.25 to +2.50)', '≤ +2 KiB', 'met'],
    ['timers', '–', '2', '–', '–', '', '≤ 1', 'MISSED'],
  ]);
});

test('the Markdown table has a cell for each heading in each row', () => {
  const lines = markdown([judge(THROUGHPUT)]).split('\n');
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line.split('|')).toHaveLength(HEAD.length + 2);
});
