import { expect, test } from 'vitest';
import type { Report, Suspect } from '../../probe/protocol.ts';
import { withoutIgnored } from './ignoring-observer.ts';

const timer: Suspect = {
  resource: 'timer',
  fingerprint: 'timer interval metrics.js:7:3',
  count: 20,
  rule: 'presence',
  where: [{ file: '/app/src/metrics.ts', line: 12, column: 3 }],
  sample: 'interval of 1000 ms',
};
const socket: Suspect = { ...timer, resource: 'socket', fingerprint: 'socket outgoing metrics.js:9:1' };
const report: Report = { suspects: [timer, socket], took: 1 };

test.each([
  [{ finding: 'timer' as const }],
  [{ finding: 'timer' as const, where: 'metrics.ts' }],
  [{ where: 'src/metrics.ts:12', fingerprint: /interval/u }],
  [{ fingerprint: /^timer/u }],
])('a rule takes out what it names, and is told: %o', (rule) => {
  const rules = [{ name: 'metrics', reason: 'pushed for ever', ...rule }];
  expect(withoutIgnored(report, rules)).toEqual({
    suspects: [socket],
    ignored: [{ name: 'metrics', reason: 'pushed for ever', resource: 'timer', count: 20 }],
    took: 1,
  });
});

test.each([[{ finding: 'server' as const }], [{ finding: 'timer' as const, where: 'other.ts' }]])(
  'a rule that fits nothing changes nothing: %o',
  (rule) => {
    expect(withoutIgnored(report, [{ name: 'x', reason: 'y', ...rule }])).toBe(report);
  },
);
