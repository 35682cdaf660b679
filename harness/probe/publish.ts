/**
 * Publishes figures of a target to the harness: `import { gauge, termination } from 'lastfin/probe'`. Costs a map entry; has no effect
 * without a harness. A target that must not depend on lastfin can answer the diagnostics channel `lastfin:collect` instead
 * (docs/targets.md).
 */
import { subscribe } from 'node:diagnostics_channel';
import { COLLECT_CHANNEL, type Collector } from './protocol.ts';

type Side = 'incoming' | 'outgoing';

const gauges = new Map<string, () => number>();
const counters = new Map<string, () => number>();
const terminations = { incoming: new Map<string, number>(), outgoing: new Map<string, number>() };
let listening = false;

/**
 * Publishes a live count that must return to its baseline once all connections have ended.
 *
 * @param name `records` is the one that invariants are checked for; `outgoing` counts live sockets to upstreams
 * @param read called whenever the harness looks
 * @returns a function that removes the gauge
 * @example
 * import { gauge } from 'lastfin/probe';
 *
 * const connections = new Map<string, unknown>();
 * gauge('records', () => connections.size);
 */
export function gauge(name: string, read: () => number): () => void {
  return publish(gauges, name, read);
}

/**
 * Publishes a count that only grows.
 *
 * @param name `accepted` and `outgoing_created` are the ones that invariants are checked for
 * @example
 * import { counter } from 'lastfin/probe';
 *
 * let accepted = 0;
 * counter('accepted', () => accepted);
 */
export function counter(name: string, read: () => number): () => void {
  return publish(counters, name, read);
}

/**
 * Counts the end of one side of a connection. Each side that ever existed ends once.
 *
 * @param reason one of the reasons that scenarios expect, such as `normal` or `econnreset` (docs/scenarios.md)
 * @example
 * import { createServer } from 'node:net';
 * import { termination } from 'lastfin/probe';
 *
 * createServer((client) => client.once('close', (failed) => termination('incoming', failed ? 'error' : 'normal')));
 */
export function termination(side: Side, reason: string): void {
  listen();
  terminations[side].set(reason, (terminations[side].get(reason) ?? 0) + 1);
}

function publish(into: Map<string, () => number>, name: string, read: () => number): () => void {
  listen();
  into.set(name, read);
  return () => {
    if (into.get(name) === read) into.delete(name);
  };
}

function listen(): void {
  if (listening) return;
  listening = true;
  subscribe(COLLECT_CHANNEL, (message) => {
    const collector = message as Collector;
    for (const [name, read] of gauges) collector.gauge(name, read());
    for (const [name, read] of counters) collector.counter(name, read());
    for (const side of ['incoming', 'outgoing'] as const) {
      for (const [reason, count] of terminations[side]) collector.termination(side, reason, count);
    }
  });
}
