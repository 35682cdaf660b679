import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ConnectionEnd } from './connection-end.ts';
import type { ProxyStatistics } from './connection-manager.ts';
import type { SideName } from './termination.ts';

/** Whoever wants the proxy's figures publishes a collector here; it is answered before `publish` returns. */
export const COLLECT_CHANNEL = 'lastfin:collect';

/** A {@link ConnectionEnd} is published here when a record goes. */
export const CONNECTION_END_CHANNEL = 'lastfin:connection:end';

type Collector = {
  gauge(name: string, value: number): void;
  counter(name: string, value: number): void;
  termination(side: SideName, reason: string, count: number): void;
};

const connectionEnd = channel(CONNECTION_END_CHANNEL);

/** Subscribers that throw raise an 'uncaughtException' (so does every diagnostics channel), not an error here. */
export function publishEnd(end: ConnectionEnd): void {
  if (connectionEnd.hasSubscribers) connectionEnd.publish(end);
}

/**
 * Answers collectors with what `read` returns.
 *
 * @returns a function that stops answering
 * @example
 * const stop = answerCollectors(() => proxy.statistics());
 */
export function answerCollectors(read: () => ProxyStatistics): () => void {
  const answer = (message: unknown): void => {
    if (isCollector(message)) report(read(), message);
  };
  subscribe(COLLECT_CHANNEL, answer);
  return () => void unsubscribe(COLLECT_CHANNEL, answer);
}

function report(statistics: ProxyStatistics, collector: Collector): void {
  collector.gauge('records', statistics.active);
  collector.gauge('outgoing', statistics.activeOutgoing);
  collector.counter('accepted', statistics.accepted);
  collector.counter('outgoing_created', statistics.outgoingCreated);
  for (const side of ['incoming', 'outgoing'] as const) {
    for (const [reason, count] of Object.entries(statistics.terminations[side])) {
      collector.termination(side, reason, count);
    }
  }
}

function isCollector(message: unknown): message is Collector {
  if (typeof message !== 'object' || message === null) return false;
  const candidate = message as Partial<Record<keyof Collector, unknown>>;
  return [candidate.gauge, candidate.counter, candidate.termination].every(
    (call) => typeof call === 'function',
  );
}
