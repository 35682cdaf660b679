import { milliseconds } from './duration.ts';
import { END, INTERRUPTED, type ToxicKind } from './toxic-kind.ts';

/** Delays the end of its stream by `delay` milliseconds. */
export const slowClose: ToxicKind = {
  type: 'slow_close',
  goName: 'SlowCloseToxic',
  attributes: { delay: 'int64' },
  bufferSize: 0,
  async pipe(flow, attributes) {
    for (;;) {
      const chunk = await flow.take();
      if (chunk === INTERRUPTED) return;
      if (chunk === END) {
        if (await flow.sleep(milliseconds(attributes['delay']))) flow.close();
        return;
      }
      if (!(await flow.put(chunk.data, chunk.receivedAt))) return;
    }
  },
};
