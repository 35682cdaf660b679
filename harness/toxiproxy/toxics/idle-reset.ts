import { milliseconds } from './duration.ts';
import { END, INTERRUPTED, type ToxicKind } from './toxic-kind.ts';

/** An extension: resets both sides when nothing came on its stream for `timeout` milliseconds. */
export const idleReset: ToxicKind = {
  type: 'idle_reset',
  goName: 'IdleResetToxic',
  attributes: { timeout: 'int64' },
  bufferSize: 0,
  async pipe(flow, attributes) {
    const limit = milliseconds(attributes['timeout']);
    for (;;) {
      const chunk = await flow.takeWithin(Math.max(0, limit));
      if (chunk === INTERRUPTED) return;
      if (chunk === END) return flow.close();
      if (chunk === undefined) return flow.reset();
      if (!(await flow.put(chunk.data, chunk.receivedAt))) return;
    }
  },
};
