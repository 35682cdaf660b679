import { milliseconds } from './duration.ts';
import { INTERRUPTED, type ToxicKind } from './toxic-kind.ts';

/** At the first data or end of its stream, waits `timeout` milliseconds and closes; the data is dropped. */
export const resetPeer: ToxicKind = {
  type: 'reset_peer',
  goName: 'ResetToxic',
  attributes: { timeout: 'int64' },
  bufferSize: 0,
  lingerZero: true,
  async pipe(flow, attributes) {
    if ((await flow.take()) === INTERRUPTED) return;
    // neither an update nor a removal saves the connection.
    flow.committed = true;
    await flow.sleep(milliseconds(attributes['timeout']));
    flow.close();
  },
};
