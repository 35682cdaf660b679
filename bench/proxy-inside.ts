import { createHook } from 'node:async_hooks';

/**
 * Preloaded into the Node proxies of the bench: says what they hold, when asked over IPC. With LASTFIN_BENCH_TIMERS it counts
 * timers, those that do not hold the process included, which costs something in itself.
 */
export type Held = { heap: number; resident: number; timers: number };

const timers = new Set<number>();
if (process.env['LASTFIN_BENCH_TIMERS'] !== undefined) {
  createHook({
    init: (id, type) => void (type === 'Timeout' && timers.add(id)),
    destroy: (id) => void timers.delete(id),
  }).enable();
}

process.on('message', () => {
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const held: Held = { heap: heapUsed + external, resident: rss, timers: timers.size };
  process.send?.(held);
});
// the channel must not keep a proxy from ending; and without its bench a proxy is of no use
process.once('disconnect', () => process.exit());
process.channel?.unref();
