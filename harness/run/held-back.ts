import type { ConnectionSeen } from '../journal/entry.ts';
import type { Case } from '../scenario/case.ts';

/** End of a round whose fault could not come; its message is the reason, its cause what is told where that is no excuse. */
export class HeldBack extends Error {}

/**
 * Reason why a case tells nothing of the program: a fault waits for all requests to be at the upstream, and the program lets fewer go there at a
 * time, as with a bounded pool, while no client has been ended or failed otherwise. Undefined for scenarios of one's own: they name what they expect.
 */
export function whyHeldBack(
  { kind }: Pick<Case, 'kind'>,
  clients: readonly Pick<ConnectionSeen, 'seen' | 'failure'>[],
  upstreams: number,
): string | undefined {
  if (kind === 'own' || upstreams === 0 || upstreams >= clients.length) return undefined;
  if (!clients.every(({ seen, failure }) => seen === 'none' && (failure?.step ?? 'wait') === 'wait'))
    return undefined;
  return `it asks its upstream for ${upstreams} of ${clients.length} requests at a time, and the fault of the case waits for all of them there`;
}
