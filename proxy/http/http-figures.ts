import type { Socket } from 'node:net';
import type { ProxyLogger } from '../observe/logger.ts';
import { HTTP_FAULTS } from './http-fault.ts';
import type { HttpFault, MessageError } from './http-fault.ts';

/** Figures of HTTP at one instant. */
export type HttpCounts = {
  /** connections to upstreams that are open for a request */
  upstreams: number;
  /** messages that were not passed on, or not whole, by why */
  faults: Record<HttpFault, number>;
};

/** Counts what the routes that speak HTTP do, those that a reload has taken away included. */
export class HttpFigures {
  readonly #logger: ProxyLogger;
  readonly #faults = new Map<HttpFault, number>();
  #upstreams = 0;

  constructor(logger: ProxyLogger) {
    this.#logger = logger;
  }

  counts(): HttpCounts {
    const faults = Object.fromEntries(HTTP_FAULTS.map((fault) => [fault, this.#faults.get(fault) ?? 0]));
    return { upstreams: this.#upstreams, faults: faults as Record<HttpFault, number> };
  }

  /** Counts an upstream connection until it has closed. */
  watch(socket: Socket): Socket {
    this.#upstreams += 1;
    return socket.once('close', () => {
      this.#upstreams -= 1;
    });
  }

  /** Every fault that is counted has a line, and every line its count. */
  onFault(route: string, { fault, status, message }: MessageError): void {
    this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1);
    const fields = { event: 'http_fault', route, fault, status, cause: message };
    this.#logger.warn(fields, `a message of ${route} was not passed on: ${fault}`);
  }
}
