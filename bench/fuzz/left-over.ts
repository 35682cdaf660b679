import { Stopwatch } from '../../shared/testing/stopwatch.ts';
import type { ProxyProcess } from './http/proxy-process.ts';

/** Time in which everything is over, without that in which nobody got a processor (ms). */
const PATIENCE = 20_000;

/** Waits until nothing is open in a proxy to which nobody is connected any more; a text tells what stays. */
export async function leftOver(proxy: ProxyProcess): Promise<string[]> {
  const watch = new Stopwatch([process.pid, proxy.pid]);
  for (;;) {
    const { descriptors, ...figures } = await proxy.open();
    const open = Object.entries(figures).filter(
      ([name, count]) => count !== 0 && name !== 'http_idle_upstreams',
    );
    if (open.length === 0) return [];
    if (watch.fair > PATIENCE) {
      return [
        `left open: ${open.map(([name, count]) => `${count} ${name}`).join(', ')}, ${descriptors} descriptors`,
      ];
    }
    await new Promise((resolve) => void setTimeout(resolve, 50));
  }
}
