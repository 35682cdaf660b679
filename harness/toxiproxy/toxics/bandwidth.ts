import { END, INTERRUPTED, type ToxicKind } from './toxic-kind.ts';

const SLICE_MS = 100;
/** Passing a chunk on takes less, unless the receiver is slow; that must not count as time that data may catch up. */
const HANDLING_MS = 1;

/** Lets `rate` kilobytes (of 1000 bytes) a second through. Rate 0 stalls the stream until it is updated or removed. */
export const bandwidth: ToxicKind = {
  type: 'bandwidth',
  goName: 'BandwidthToxic',
  attributes: { rate: 'int64' },
  bufferSize: 0,
  refuse: ({ rate = 0n }) => (rate < 0n ? 'rate must not be negative' : undefined),
  async pipe(flow, attributes) {
    let sleep = 0;
    let slept = 0;
    for (;;) {
      const chunk = await flow.take();
      if (chunk === INTERRUPTED) return;
      if (chunk === END) return flow.close();
      const rate = Number(attributes['rate'] ?? 0n);
      const slice = rate * SLICE_MS;
      if (rate === 0) sleep = 0;
      else sleep += chunk.data.length / rate;
      // The chunk was waiting already: passing on the last one, a thread of its own in the real server, took of its time.
      if (chunk.receivedAt <= slept) sleep -= Math.min(flow.now() - slept, HANDLING_MS);
      let rest = chunk.data;
      // A chunk of more than 100 ms goes out in pieces of 100 ms.
      while (rest.length > slice) {
        const pause = rate === 0 ? Number.POSITIVE_INFINITY : SLICE_MS;
        if (!(await flow.sleep(pause))) return flow.flush(rest, chunk.receivedAt);
        const goesOn = await flow.put(rest.subarray(0, slice), chunk.receivedAt);
        rest = rest.subarray(slice);
        if (!goesOn) return flow.flush(rest, chunk.receivedAt);
        sleep -= SLICE_MS;
      }
      const before = flow.now();
      if (!(await flow.sleep(sleep))) return flow.flush(rest, chunk.receivedAt);
      // Timers are late by up to a millisecond: what this one was late is taken off the next.
      slept = flow.now();
      sleep -= slept - before;
      if (!(await flow.put(rest, chunk.receivedAt))) return;
    }
  },
};
