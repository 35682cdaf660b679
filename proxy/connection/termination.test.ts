import { expect, test } from 'vitest';
import { bridgeReason, reasonOf } from './termination.ts';

test.each([
  ['incoming', 'normal', 'socket_end', 'closed_incoming'],
  ['incoming', 'econnreset', 'socket_error', 'closed_incoming'],
  ['outgoing', 'normal', 'closed_outgoing', 'proxy_end'],
  ['outgoing', 'econnreset', 'closed_outgoing', 'proxy_error'],
  ['both', 'handshake_timeout', 'handshake_timeout', 'handshake_timeout'],
  ['both', 'shutdown', 'shutdown', 'shutdown'],
] as const)('a bridge that ends at %s with %s: %s / %s', (origin, cause, incoming, outgoing) => {
  expect(bridgeReason('incoming', reasonOf('incoming', origin, cause))).toBe(incoming);
  expect(bridgeReason('outgoing', reasonOf('outgoing', origin, cause))).toBe(outgoing);
});
