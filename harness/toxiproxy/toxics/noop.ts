import { END, INTERRUPTED, type ToxicKind } from './toxic-kind.ts';

/** Lets everything through. Also what runs in place of a toxic whose toxicity spared the connection. */
export const noop: ToxicKind = {
  type: 'noop',
  goName: 'NoopToxic',
  attributes: {},
  bufferSize: 0,
  async pipe(flow) {
    for (;;) {
      const chunk = await flow.take();
      if (chunk === INTERRUPTED) return;
      if (chunk === END) return flow.close();
      if (!(await flow.put(chunk.data, chunk.receivedAt))) return;
    }
  },
};
