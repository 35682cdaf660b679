/**
 * Cheap sample: counts that need no heap walk, and the figures that the target publishes.
 */
import { channel } from 'node:diagnostics_channel';
import { getHeapStatistics } from 'node:v8';
import { kindOf, readDescriptors } from './base/descriptors.ts';
import { countIdle } from './census/idle-server-connections.ts';
import { COLLECT_CHANNEL, type Collector, type Sample } from '../protocol.ts';

const collect = channel(COLLECT_CHANNEL);

export function takeSample(): Sample {
  const sample: Sample = {
    gauges: {},
    counters: {},
    terminations: { incoming: {}, outgoing: {} },
    resources: {},
    fds: {},
    // unlike process.memoryUsage(), this does not read /proc, which may be missing
    heapUsed: getHeapStatistics().used_heap_size,
  };
  // the probe's socket is unref'd and therefore absent
  for (const type of process.getActiveResourcesInfo()) {
    sample.resources[type] = (sample.resources[type] ?? 0) + 1;
  }
  for (const link of readDescriptors().values()) {
    const kind = kindOf(link);
    sample.fds[kind] = (sample.fds[kind] ?? 0) + 1;
  }
  // Node will end these connections: nobody needs to wait for them
  const idle = countIdle();
  if (idle > 0) {
    lower(sample.fds, 'socket', idle);
    lower(sample.resources, 'TCPSocketWrap', idle);
  }
  if (collect.hasSubscribers) {
    const collector: Collector = {
      gauge: (name, value) => put(sample.gauges, name, value),
      counter: (name, value) => put(sample.counters, name, value),
      termination: (side, reason, count) => {
        if (side === 'incoming' || side === 'outgoing') put(sample.terminations[side], reason, count);
      },
    };
    collect.publish(collector);
  }
  return sample;
}

/** Adds a figure. The program may report anything, but the reply must be valid JSON. */
function put(into: Record<string, number>, name: unknown, value: unknown): void {
  const known = typeof value === 'number' || typeof value === 'bigint' ? Number(value) : Number.NaN;
  if (typeof name === 'string' && Number.isFinite(known))
    Object.defineProperty(into, name, { value: known, enumerable: true, configurable: true, writable: true });
}

function lower(counts: Record<string, number>, name: string, by: number): void {
  counts[name] = Math.max(0, (counts[name] ?? 0) - by);
}
