import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Channel } from 'node:diagnostics_channel';
import type { Address } from '../../shared/address.ts';
import type { Refusal } from '../routing/admission.ts';
import type { ConnectionEnd } from '../connection/connection-end.ts';
import type { ProxyStatistics } from '../connection/termination-statistics.ts';
import type { SideName } from '../connection/termination.ts';

/** Whoever wants the proxy's figures publishes a collector here; it is answered before `publish` returns. */
export const COLLECT_CHANNEL = 'lastfin:collect';

/** A {@link ConnectionEnd} is published here when a record goes. */
export const CONNECTION_END_CHANNEL = 'lastfin:connection:end';

type Collector = {
  gauge(name: string, value: number): void;
  counter(name: string, value: number): void;
  termination(side: SideName, reason: string, count: number): void;
};

/** What else is published, by channel; docs/proxy.md says when. */
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

/** Publishes what `make` returns, which is called only if somebody listens. */
export function publish<Name extends keyof ProxyEvents>(name: Name, make: () => ProxyEvents[Name]): void {
  if (channels[name].hasSubscribers) channels[name].publish(make());
}

/** What is said of a connection in every event. */
export function factsOf({ id, remoteAddress, remotePort, route }: ConnectionFacts): ConnectionFacts {
  return {
    id,
    ...(remoteAddress !== undefined && { remoteAddress }),
    ...(remotePort !== undefined && { remotePort }),
    ...(route !== undefined && { route }),
  };
}

/** Subscribers that throw raise an 'uncaughtException' (so does every diagnostics channel), not an error here. */
export function publishEnd(end: ConnectionEnd): void {
  if (connectionEnd.hasSubscribers) connectionEnd.publish(end);
}

/**
 * Answers collectors with what `read` returns.
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
