import type { ConnectionSeen } from '../journal/entry.ts';
import type { Case } from '../scenario/case.ts';

const TIMED_OUT = /: not within \d+ ms$/;

/**
 * Reason why a case tells nothing of the program: a fault or a script waits for requests to be at the upstream, and the program lets fewer go there at a
 * time, as with a bounded pool, while no client has been ended or failed otherwise. Undefined for scenarios of one's own: they name what they expect.
 */
export function whyHeldBack(
  { kind }: Pick<Case, 'kind'>,
  clients: readonly Pick<ConnectionSeen, 'seen' | 'failure'>[],
  upstreams: number,
): string | undefined {
  if (kind === 'own' || upstreams === 0 || upstreams >= clients.length) return undefined;
  if (!clients.every(({ seen, failure }) => seen === 'none' && isWait(failure))) return undefined;
  return `it asks its upstream for ${upstreams} of ${clients.length} requests at a time, and the case waits for more of them there`;
}

/** Whether a client has given up for want of the fault alone: it waited for it, or for the failure that it brings. */
function isWait(failure: ConnectionSeen['failure']): boolean {
  if (failure === undefined || failure.step === 'wait') return true;
  return failure.step === 'expect-failure' && TIMED_OUT.test(failure.message);
}
