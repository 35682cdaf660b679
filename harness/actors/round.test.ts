import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { Round } from './round.ts';
import { StepFailure } from './round-services.ts';

/** Round on a machine that was busy with others for this many ms of each limit. */
function roundOn(busyFor: number): Round {
  return new Round(1, 2, {
    signal: new AbortController().signal,
    readRecords: async () => 1,
    readConnecting: () => 1,
    advanceTarget: async () => 0,
    lookAtTarget: async () => undefined,
    startClock: (limit) => {
      const end = performance.now() + limit + busyFor;
      return {
        get remaining() {
          return end - performance.now();
        },
      };
    },
  });
}

test.each(['established', 'records', 'connecting'] as const)(
  'waiting for %s fails when its limit has passed, less what the machine was busy',
  async (state) => {
    for (const busyFor of [0, 200]) {
      const start = performance.now();
      const round = roundOn(busyFor);
      await expect(round.waitFor({ state, count: 2 }, 100, round.signal)).rejects.toThrow(StepFailure);
      const took = performance.now() - start;
      // Node's timers may fire early by a fraction of a ms
      expect(took).toBeGreaterThan(99 + busyFor);
    }
  },
);

test('what comes while the machine is busy is not too late', async () => {
  const round = roundOn(10_000);
  const waiting = round.waitFor({ state: 'established', count: 2 }, 50, round.signal);
  await delay(100);
  round.established = 2;
  round.changed();
  await waiting;
});

test('a live count that the system does not tell makes the step invalid, not late', async () => {
  const round = new Round(1, 2, {
    signal: new AbortController().signal,
    readRecords: async () => undefined,
    readConnecting: () => undefined,
    advanceTarget: async () => 0,
    lookAtTarget: async () => undefined,
    startClock: (limit) => ({ remaining: limit }),
  });
  for (const state of ['records', 'connecting'] as const)
    await expect(round.waitFor({ state, count: 1 }, 100, round.signal)).rejects.toThrow(
      `waits for \`${state}\``,
    );
});
