import { performance } from 'node:perf_hooks';
import type { Direction } from '../toxic.ts';

type Counted = {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
};

/** Bytes received and sent by links that have ended, by proxy and direction. */
export class ProxyMetrics {
  readonly #received = new Map<string, number>();
  readonly #sent = new Map<string, number>();

  add(
    proxy: Counted,
    direction: Direction,
    bytes: { readonly received: number; readonly sent: number },
  ): void {
    const labels =
      `direction="${direction}",listener="${escape(proxy.listen)}",` +
      `proxy="${escape(proxy.name)}",upstream="${escape(proxy.upstream)}"`;
    this.#received.set(labels, (this.#received.get(labels) ?? 0) + bytes.received);
    this.#sent.set(labels, (this.#sent.get(labels) ?? 0) + bytes.sent);
  }

  text(): string {
    return (
      series('toxiproxy_proxy_received_bytes_total', this.#received) +
      series('toxiproxy_proxy_sent_bytes_total', this.#sent)
    );
  }
}

/** Process metrics as Prometheus clients export them. There is no equivalent of the real server's `go_*`. */
export function runtimeMetrics(): string {
  const { user, system } = process.cpuUsage();
  const { rss } = process.memoryUsage();
  return (
    one('process_cpu_seconds_total', 'counter', (user + system) / 1e6) +
    one('process_resident_memory_bytes', 'gauge', rss) +
    one('process_start_time_seconds', 'gauge', performance.timeOrigin / 1000)
  );
}

function one(name: string, type: string, value: number): string {
  return `# HELP ${name} \n# TYPE ${name} ${type}\n${name} ${value}\n`;
}

function series(name: string, values: ReadonlyMap<string, number>): string {
  if (values.size === 0) return '';
  const lines = Array.from(values, ([labels, value]) => `${name}{${labels}} ${value}\n`).toSorted();
  return `# HELP ${name} \n# TYPE ${name} counter\n${lines.join('')}`;
}

function escape(label: string): string {
  return label.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
