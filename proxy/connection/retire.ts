import type { ConnectionRecord } from './connection-record.ts';

/** Ways to end a connection, which a connection manager has. */
type Ending = {
  initiateCleanupOnce(record: ConnectionRecord, origin: 'both', cause: 'shutdown'): void;
  startTimer(record: ConnectionRecord, ms: number, callback: () => void): () => void;
};

/**
 * Ends a connection for the proxy's own doing. Streams of HTTP/2 that are under way have the grace (ms) for their last answers.
 */
export function retire(manager: Ending, record: ConnectionRecord, grace: number): void {
  const end = (): void => manager.initiateCleanupOnce(record, 'both', 'shutdown');
  if (record.ending || record.drainBridge?.() !== true) return end();
  record.innerEnd = 'shutdown';
  manager.startTimer(record, Math.max(grace, 1), end);
}
