import type { AddressInfo } from 'node:net';
import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { createApiServer } from './api/http.ts';
import { populate, routes, type ApiState } from './api/routes.ts';
import type { Answer } from './api/answer.ts';
import { ProxyMetrics } from './server/metrics.ts';
import { Proxies } from './server/proxies.ts';

export type ToxiproxyServerOptions = {
  /** Host of the API. @default '127.0.0.1' */
  readonly host?: string;
  /** Port of the API; 0: a free one. @default 8474 */
  readonly port?: number;
  /** Seed of toxicity, jitter and slices; the same seed and order of connections give the same effects. @default the time */
  readonly seed?: bigint | number;
  /** Counts bytes at `/metrics`. */
  readonly proxyMetrics?: boolean;
  /** Shows the process at `/metrics`. */
  readonly runtimeMetrics?: boolean;
  /**
   * Allows keys that the real server does not know: a proxy's `toxics` and `half_close`, a toxic's `connections` and `every`, the
   * type `idle_reset`. Stock clients do not notice.
   */
  readonly extensions?: boolean;
};

/** A running server. */
export type ToxiproxyServer = {
  readonly host: string;
  readonly port: number;
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  /** Creates the proxies of a configuration file (JSON, as the body of `POST /populate`). */
  populate(config: Buffer): Promise<Answer>;
  /** How many proxied connections are open. */
  connections(): number;
  /** Closes every proxy, connection and listener; nothing of the server is left. */
  close(): Promise<void>;
};

/**
 * Starts a server that speaks Toxiproxy's HTTP API.
 *
 * @throws LastfinError `LASTFIN_PORT_IN_USE` if the API's address is taken, `LASTFIN_TOXIPROXY` if it cannot be bound.
 * @example
 * import { startToxiproxyServer } from 'lastfin/toxiproxy';
 *
 * const server = await startToxiproxyServer({ port: 0 });
 * await fetch(`${server.url}/proxies`, { method: 'POST', body: '{"name":"a","upstream":"127.0.0.1:80"}' });
 * await server.close();
 */
export async function startToxiproxyServer(options: ToxiproxyServerOptions = {}): Promise<ToxiproxyServer> {
  const { host = '127.0.0.1', port = 8474 } = options;
  const metrics = options.proxyMetrics === true ? new ProxyMetrics() : undefined;
  const seed = BigInt(options.seed ?? Date.now());
  const proxies = new Proxies({ seed, metrics });
  const state: ApiState = {
    proxies,
    proxyMetrics: metrics,
    runtimeMetrics: options.runtimeMetrics === true,
    extensions: options.extensions === true,
  };
  const api = createApiServer(routes(state));
  await new Promise<void>((resolve, reject) => {
    api.once('error', (error) => reject(listenError(error, host, port)));
    api.listen({ host, port }, resolve);
  });
  // a failed accept, as for want of file descriptors, affects only that caller
  api.on('error', () => {});
  const bound = api.address() as AddressInfo;
  return {
    host: bound.address,
    port: bound.port,
    url: `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`,
    populate: async (config) => populate(state, config),
    connections: () => proxies.all().reduce((sum, proxy) => sum + proxy.open, 0),
    async close() {
      const closed = new Promise<void>((resolve) => api.close(() => resolve()));
      api.closeAllConnections();
      await proxies.close();
      await closed;
    },
  };
}

function listenError(cause: Error, host: string, port: number): LastfinError {
  const inUse = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
  return new LastfinError(
    inUse ? 'LASTFIN_PORT_IN_USE' : 'LASTFIN_TOXIPROXY',
    `cannot listen on ${host}:${port}: ${inUse ? 'already in use' : cause.message}`,
    { facts: { host, port }, cause },
  );
}
