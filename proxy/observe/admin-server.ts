import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listen } from '../listening/listen.ts';
import type { Address } from '../../shared/address.ts';
import type { ProxyLogger } from './logger.ts';
import { createRegistry } from './prometheus.ts';
import type { Measured } from './prometheus.ts';

/** Serves `GET /metrics` for Prometheus and nothing else; no request can change the proxy. */
export class AdminServer {
  readonly #server: Server;
  readonly #logger: ProxyLogger;

  constructor(proxy: Measured, logger: ProxyLogger) {
    const registry = createRegistry(proxy);
    this.#logger = logger;
    this.#server = createServer((request, response) => {
      if (request.method !== 'GET' || request.url !== '/metrics') {
        response.writeHead(404, { 'content-type': 'text/plain' }).end('try GET /metrics\n');
        return;
      }
      proxy
        .refreshMetrics()
        .then(() => registry.metrics())
        .then(
          (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
          (error: unknown) => response.writeHead(500).end(String(error)),
        );
    });
  }

  /** @throws LastfinError `LASTFIN_PORT_IN_USE`, or `LASTFIN_USAGE` */
  listen(address: Address): Promise<AddressInfo> {
    return listen(this.#server, address, this.#logger);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
