import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { idleReason, sweepPeriod } from './idle-sweep.ts';

const PLAIN = { keepAlive: 'off', keepAliveMultiplier: 6, keepAliveGrace: 1000 } as const;

test.each([
  [{ inactivityTimeout: 0, halfOpenTimeout: 0 }, undefined],
  [{ inactivityTimeout: 80, halfOpenTimeout: 0 }, 25],
  [{ inactivityTimeout: 8000, halfOpenTimeout: 4000 }, 500],
  [{ inactivityTimeout: 600_000, halfOpenTimeout: 0 }, 15_000],
])('%j is looked at every %s ms', (limits, period) => {
  expect(sweepPeriod({ ...PLAIN, ...limits })).toBe(period);
});

test.each([
  [999, false, undefined],
  [1000, false, 'inactivity'],
  [500, false, undefined],
  [499, true, undefined],
  [500, true, 'half_open_timeout'],
] as const)('idle for %i ms, half-open %s: %s', (idle, halfOpen, reason) => {
  expect(idleReason(idle, halfOpen, { ...PLAIN, inactivityTimeout: 1000, halfOpenTimeout: 500 })).toBe(
    reason,
  );
});

test('a limit that is off never closes, and the shorter one is the reason', () => {
  fc.assert(
    fc.property(
      fc.nat(5000),
      fc.nat(5000),
      fc.nat(10_000),
      fc.boolean(),
      (inactivity, half, idle, halfOpen) => {
        const reason = idleReason(idle, halfOpen, {
          ...PLAIN,
          inactivityTimeout: inactivity,
          halfOpenTimeout: half,
        });
        const limits = [inactivity, halfOpen ? half : 0].filter((limit) => limit > 0);
        expect(reason !== undefined).toBe(limits.some((limit) => idle >= limit));
        if (reason === 'half_open_timeout') expect(halfOpen && half > 0).toBe(true);
      },
    ),
  );
});

test.each([
  ['standard', 1000, 'inactivity'],
  ['extended', 5999, undefined],
  ['extended', 6000, 'inactivity'],
  ['immortal', 1e9, undefined],
] as const)('%s keep-alive, idle for %i ms: %s', (keepAlive, idle, reason) => {
  const limits = { ...PLAIN, keepAlive, inactivityTimeout: 1000, halfOpenTimeout: 0 };
  expect(idleReason(idle, false, limits)).toBe(reason);
});

test('a keep-alive connection that is half-open has the half-open limit all the same', () => {
  const limits = { ...PLAIN, keepAlive: 'immortal', inactivityTimeout: 1000, halfOpenTimeout: 500 } as const;
  expect(idleReason(500, true, limits)).toBe('half_open_timeout');
});
