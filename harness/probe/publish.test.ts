import { channel } from 'node:diagnostics_channel';

import { expect, test } from 'vitest';

import { COLLECT_CHANNEL } from './protocol.ts';
import { counter, gauge, termination } from './publish.ts';

function collect(): Record<string, number> {
  const seen: Record<string, number> = {};
  channel(COLLECT_CHANNEL).publish({
    gauge: (name: string, value: number) => (seen[name] = value),
    counter: (name: string, value: number) => (seen[name] = value),
    termination: (side: string, reason: string, count: number) => (seen[`${side} ${reason}`] = count),
  });
  return seen;
}

test('what is published is read at each look, and what is taken away is not', () => {
  const open = new Set([1, 2]);
  const remove = gauge('records', () => open.size);
  counter('accepted', () => 7);
  termination('incoming', 'normal');
  termination('incoming', 'normal');
  termination('outgoing', 'econnreset');
  expect(collect()).toEqual({
    records: 2,
    accepted: 7,
    'incoming normal': 2,
    'outgoing econnreset': 1,
  });
  open.clear();
  expect(collect()).toMatchObject({ records: 0 });
  remove();
  expect(collect()).not.toHaveProperty('records');
});
