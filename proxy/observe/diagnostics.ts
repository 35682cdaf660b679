import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Channel } from 'node:diagnostics_channel';
import type { Address } from '../../shared/address.ts';
import type { Refusal } from '../routing/admission.ts';
import type { ConnectionEnd } from '../connection/connection-end.ts';
import type { ProxyStatistics } from '../connection/termination-statistics.ts';
import type { SideName } from '../connection/termination.ts';

/** Channel on which anybody may publish a collector to get the proxy's figures, synchronously. */
export const COLLECT_CHANNEL = 'lastfin:collect';

/** Channel on which a {@link ConnectionEnd} is published when a record is removed. */
export const CONNECTION_END_CHANNEL = 'lastfin:connection:end';

type Collector = {
  gauge(name: string, value: number): void;
  counter(name: string, value: number): void;
  termination(side: SideName, reason: string, count: number): void;
};

/** Other published events by channel; docs/proxy.md says when each occurs. */
export type ProxyEvents = {
  'lastfin:connection:accept': ConnectionFacts & { listener: string };
  'lastfin:connection:connect': ConnectionFacts & { upstream: Address };
  'lastfin:connection:reject': ConnectionFacts & { reason: Refusal };
  'lastfin:connection:warn': ConnectionFacts & { warning: 'inactivity' };
  'lastfin:reload': { listeners: string[]; dropped: string[] };
};

type ConnectionFacts = {
  id: string;
  remoteAddress?: string | undefined;
  remotePort?: number | undefined;
  route?: string | undefined;
};

const connectionEnd = channel(CONNECTION_END_CHANNEL);

const channels: { readonly [Name in keyof ProxyEvents]: Channel } = {
  'lastfin:connection:accept': channel('lastfin:connection:accept'),
  'lastfin:connection:connect': channel('lastfin:connection:connect'),
  'lastfin:connection:reject': channel('lastfin:connection:reject'),
  'lastfin:connection:warn': channel('lastfin:connection:warn'),
  'lastfin:reload': channel('lastfin:reload'),
};

/** Publishes the result of `make`, which is called only if there are subscribers. */
export function publish<Name extends keyof ProxyEvents>(name: Name, make: () => ProxyEvents[Name]): void {
  if (channels[name].hasSubscribers) channels[name].publish(make());
}

/** Facts about a connection that are part of every event. */
export function factsOf({ id, remoteAddress, remotePort, route }: ConnectionFacts): ConnectionFacts {
  return {
    id,
    ...(remoteAddress !== undefined && { remoteAddress }),
    ...(remotePort !== undefined && { remotePort }),
    ...(route !== undefined && { route }),
  };
}

/** Whether anybody is told of ends. */
export function isEndWatched(): boolean {
  return connectionEnd.hasSubscribers;
}

/** Publishes the end of a connection. A subscriber that throws causes an 'uncaughtException', as on every diagnostics channel. */
export function publishEnd(end: ConnectionEnd): void {
  if (connectionEnd.hasSubscribers) connectionEnd.publish(end);
}

/**
 * Answers collectors with the result of `read`.
 *
 * @returns a function that stops answering
 * @example
 * import { answerCollectors, createLogger, loadConfig, TcpProxy } from 'lastfin/proxy';
 *
 * const proxy = new TcpProxy(loadConfig('proxy.yaml').settings, { logger: createLogger('info') });
 * const stop = answerCollectors(() => proxy.statistics());
 * stop();
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
