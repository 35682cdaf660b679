import type { Socket } from 'node:net';
import type { ProxyLogger } from '../observe/logger.ts';
import { HTTP_FAULTS } from './http-fault.ts';
import type { HttpFault, MessageError } from './http-fault.ts';

/** HTTP figures at one instant. */
export type HttpCounts = {
  /** open connections to upstreams that serve a request */
  upstreams: number;
  /** messages that were not forwarded, or not completely, by reason */
  faults: Record<HttpFault, number>;
};

/** Counts requests and faults of all HTTP routes, including routes that a reload has removed. */
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

  /** Counts an upstream connection until it closes. */
  watch(socket: Socket): Socket {
    this.#upstreams += 1;
    return socket.once('close', () => {
      this.#upstreams -= 1;
    });
  }

  /** Counts and logs a fault: every counted fault has a log line, and every line is counted. */
  onFault(route: string, { fault, status, message }: MessageError): void {
    this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1);
    const fields = { event: 'http_fault', route, fault, status, cause: message };
    this.#logger.warn(fields, `a message of ${route} was not passed on: ${fault}`);
  }
}
