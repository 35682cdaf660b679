import type { ConnectionSeen } from '../../journal/entry.ts';

/** Client of a warm-up that saw this end, and did nothing itself. */
export function clientSeen(seen: string, more: Partial<ConnectionSeen> = {}): ConnectionSeen {
  const nothing = { did: 'nothing', sent: 0, received: 0 } as const;
  return { actor: 'client', round: 0, connection: 0, seen, ...nothing, ...more };
}
