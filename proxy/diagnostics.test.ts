import { channel } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import { answerCollectors, COLLECT_CHANNEL } from './diagnostics.ts';

test('a collector is answered synchronously, until told to stop; other messages are let be', () => {
  const stop = answerCollectors(() => ({
    accepted: 3,
    active: 1,
    outgoingCreated: 2,
    activeOutgoing: 1,
    terminations: { incoming: { normal: 1, connection_refused: 1 }, outgoing: { closed_incoming: 1 } },
  }));
  const seen: unknown[][] = [];
  const collector = {
    gauge: (...call: unknown[]) => void seen.push(call),
    counter: (...call: unknown[]) => void seen.push(call),
    termination: (...call: unknown[]) => void seen.push(call),
  };
  channel(COLLECT_CHANNEL).publish({ gauge: 'not a collector' });
  channel(COLLECT_CHANNEL).publish(collector);
  expect(seen).toEqual([
    ['records', 1],
    ['outgoing', 1],
    ['accepted', 3],
    ['outgoing_created', 2],
    ['incoming', 'normal', 1],
    ['incoming', 'connection_refused', 1],
    ['outgoing', 'closed_incoming', 1],
  ]);
  stop();
  channel(COLLECT_CHANNEL).publish(collector);
  expect(seen.length).toBe(7);
});
