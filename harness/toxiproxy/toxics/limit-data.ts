import { END, INTERRUPTED, type ToxicKind } from './toxic-kind.ts';

/** Closes the connection as soon as `bytes` bytes went through. */
export const limitData: ToxicKind = {
  type: 'limit_data',
  goName: 'LimitDataToxic',
  attributes: { bytes: 'int64' },
  bufferSize: 0,
  async pipe(flow, attributes) {
    for (;;) {
      const chunk = await flow.take();
      if (chunk === INTERRUPTED) return;
      if (chunk === END) return flow.close();
      const limit = Number(attributes['bytes'] ?? 0n);
      const data = chunk.data.subarray(0, Math.max(0, limit - flow.state.bytes));
      flow.state.bytes += data.length;
      const goesOn = data.length === 0 || (await flow.put(data, chunk.receivedAt));
      if (flow.state.bytes >= limit) return flow.close();
      if (!goesOn) return;
    }
  },
};
