import { milliseconds } from './duration.ts';
import { END, INTERRUPTED, type Attributes, type ToxicKind } from './toxic-kind.ts';

/** Delays every chunk by `latency` ± `jitter` milliseconds since it was read. The end of the stream is not delayed. */
export const latency: ToxicKind = {
  type: 'latency',
  goName: 'LatencyToxic',
  attributes: { latency: 'int64', jitter: 'int64' },
  bufferSize: 1024,
  async pipe(flow, attributes) {
    for (;;) {
      const chunk = await flow.take();
      if (chunk === INTERRUPTED) return;
      if (chunk === END) return flow.close();
      const sleep = delay(attributes, flow.random) - (flow.now() - chunk.receivedAt);
      // Interrupted: what waits goes out at once, nothing is dropped.
      if (!(await flow.sleep(sleep))) return flow.flush(chunk.data, chunk.receivedAt);
      // A later latency toxic counts from the moment this one let go.
      if (!(await flow.put(chunk.data, chunk.receivedAt + sleep))) return;
    }
  },
};

function delay(attributes: Attributes, random: () => number): number {
  const { latency: base = 0n, jitter = 0n } = attributes;
  if (jitter <= 0n) return milliseconds(base);
  return milliseconds(base + BigInt(Math.floor(random() * Number(jitter) * 2)) - jitter);
}
