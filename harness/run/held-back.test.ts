import { expect, test } from 'vitest';

import type { ConnectionSeen } from '../journal/entry.ts';
import { whyHeldBack } from './held-back.ts';

type Client = Pick<ConnectionSeen, 'seen' | 'failure'>;
const WAITS: Client = { seen: 'none' };
const FAILED = (step: string): Client => ({ seen: 'none', failure: { step, index: 2, message: 'no' } });

test('a program that lets fewer requests through at a time than the fault waits for keeps it from coming', () => {
  const clients = [WAITS, WAITS, FAILED('wait')];
  expect(whyHeldBack({ kind: 'universal' }, clients, 2)).toContain('2 of 3 requests at a time');
  // its deadline may pass in the moment in which that of the fault does
  const expects = { step: 'expect-failure', index: 2, message: 'expect a failed request: not within 30 ms' };
  expect(whyHeldBack({ kind: 'universal' }, [WAITS, WAITS, { ...WAITS, failure: expects }], 2)).toBeDefined();
  // these are no bounded pools
  expect(whyHeldBack({ kind: 'universal' }, clients, 0)).toBe(undefined);
  expect(whyHeldBack({ kind: 'universal' }, clients, 3)).toBe(undefined);
  expect(whyHeldBack({ kind: 'own' }, clients, 2)).toBe(undefined);
});

test.each([
  ['has been ended', { seen: 'end' }],
  ['has failed at another step', FAILED('expect-response')],
  ['was answered where it expected a failure', FAILED('expect-failure')],
])('a client that %s is no one that waits', (_, client) => {
  expect(whyHeldBack({ kind: 'universal' }, [WAITS, client, WAITS], 1)).toBe(undefined);
});
