import { expect, test } from 'vitest';

import { chosen, parseMetrics, parseSelector } from './prometheus.ts';

const PAGE = `# HELP ends Sides that ended.
# TYPE ends counter
ends{side="incoming",reason="normal"} 3
ends{side="incoming",reason="said \\"no\\", and \\\\ left"} 1 1700000000000
ends{side="outgoing",reason="normal"} 2
open 4e1
odd NaN
broken{a=b} 1
`;

test('figures with their labels; comments, NaN and broken lines are passed over', () => {
  expect(parseMetrics(PAGE)).toEqual([
    { name: 'ends', labels: { side: 'incoming', reason: 'normal' }, value: 3 },
    { name: 'ends', labels: { side: 'incoming', reason: 'said "no", and \\ left' }, value: 1 },
    { name: 'ends', labels: { side: 'outgoing', reason: 'normal' }, value: 2 },
    { name: 'open', labels: {}, value: 40 },
  ]);
});

test('a selector means the metrics that have at least its labels', () => {
  const metrics = parseMetrics(PAGE);
  expect(chosen(metrics, 'open').map(({ value }) => value)).toEqual([40]);
  expect(chosen(metrics, 'ends{side="incoming"}').map(({ value }) => value)).toEqual([3, 1]);
  expect(chosen(metrics, 'ends').length).toBe(3);
  expect(chosen(metrics, 'end')).toEqual([]);
});

test.each(['', '1x', 'a{b}', 'a{b="c"', 'a b'])('`%s` is no selector', (text) => {
  expect(parseSelector(text)).toBeUndefined();
});
