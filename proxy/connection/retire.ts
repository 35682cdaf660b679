import type { ConnectionManager } from './connection-manager.ts';
import type { ConnectionRecord } from './connection-record.ts';

/**
 * Ends a connection for the proxy's own doing. Streams of HTTP/2 that are under way have the grace (ms) for their last answers.
 */
export function retire(
  manager: Pick<ConnectionManager, 'initiateCleanupOnce' | 'startTimer'>,
  record: ConnectionRecord,
  grace: number,
): void {
  const end = (): void => manager.initiateCleanupOnce(record, 'both', 'shutdown');
  if (record.ending || record.drainBridge?.() !== true) return end();
  record.innerEnd = 'shutdown';
  manager.startTimer(record, Math.max(grace, 1), end);
}
