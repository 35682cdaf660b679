import { milliseconds } from './duration.ts';
import { END, INTERRUPTED, type ToxicKind } from './toxic-kind.ts';

/** Drops all data, and closes the connection when none came for `timeout` milliseconds (0: never). */
export const timeout: ToxicKind = {
  type: 'timeout',
  goName: 'TimeoutToxic',
  attributes: { timeout: 'int64' },
  bufferSize: 0,
  closesWhenRemoved: true,
  async pipe(flow, attributes) {
    const limit = milliseconds(attributes['timeout']);
    for (;;) {
      const chunk = limit > 0 ? await flow.takeWithin(limit) : await flow.take();
      if (chunk === INTERRUPTED) return;
      if (chunk === END || chunk === undefined) return flow.close();
    }
  },
};
