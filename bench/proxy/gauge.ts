import { Session } from 'node:inspector/promises';
import { setImmediate as turn } from 'node:timers/promises';

import { serve } from '../remote.ts';

/**
 * Preloaded into the Node proxies of `bench/proxy/proxy.ts`: tells the parent what the process holds. It does nothing unless asked,
 * and does not keep the process alive.
 */
const calls = {
  /** In bytes, after garbage collections. `heap` is what JavaScript holds, buffers included. */
  async memory(): Promise<{ heap: number; resident: number }> {
    for (let round = 0; round < 4; round++) {
      (globalThis as { gc?: () => void }).gc?.();
      // finalizers and close callbacks run between collections
      await turn();
    }
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heap: heapUsed + external, resident: rss };
  },

  /** open TCP sockets, without listeners */
  sockets(): number {
    return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
  },

  /** All timers that still run, unref'd ones too; `getActiveResourcesInfo` has only the others. */
  async timers(): Promise<number> {
    const sample = setTimeout(() => undefined, 0);
    clearTimeout(sample);
    const key = 'lastfinBenchTimer';
    Object.assign(globalThis, { [key]: Object.getPrototypeOf(sample) as unknown });
    const session = new Session();
    session.connect();
    try {
      const { result } = await session.post('Runtime.evaluate', { expression: `globalThis.${key}` });
      const { objects } = await session.post('Runtime.queryObjects', { prototypeObjectId: result.objectId! });
      const counted = await session.post('Runtime.callFunctionOn', {
        objectId: objects.objectId!,
        functionDeclaration:
          'function () { return this.filter((timer) => timer._destroyed === false).length; }',
        returnByValue: true,
      });
      return Number(counted.result.value);
    } finally {
      session.disconnect();
      Reflect.deleteProperty(globalThis, key);
    }
  },
};

export type Gauge = typeof calls;

serve(calls);
process.once('disconnect', () => process.exit());
process.channel?.unref();
