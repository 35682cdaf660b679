import type { Socket } from 'node:net';
import type { ProxyLogger } from '../observe/logger.ts';
import { HTTP_FAULTS } from './http-fault.ts';
import type { HttpFault, MessageError } from './http-fault.ts';
import { StreamFigures } from './h2/stream-figures.ts';
import type { StreamCounts } from './h2/stream-figures.ts';
import { Upstream } from './upstream/upstream.ts';
import { UPSTREAM_ENDS } from './upstream/upstream-ends.ts';
import type { UpstreamEnd } from './upstream/upstream-ends.ts';
import type { Address } from '../../shared/address.ts';

/** HTTP figures at one instant. */
export type HttpCounts = {
  /** open connections to upstreams that serve a request */
  upstreams: number;
  /** open connections to upstreams that wait for the next request */
  idleUpstreams: number;
  /** connections to upstreams made so far: always those that are open, idle ones too, and those that have ended */
  upstreamsCreated: number;
  /** connections to upstreams that have ended, by reason */
  upstreamEnds: Record<UpstreamEnd, number>;
  /** messages that were not forwarded, or not completely, by reason */
  faults: Record<HttpFault, number>;
  /** open HTTP/2 streams to upstreams */
  upstreamStreams: number;
  /** HTTP/2 streams to upstreams so far: always those that are open, and those that have ended */
  upstreamStreamsOpened: number;
  /** HTTP/2 streams to upstreams that have ended, by reason; a reason that has not occurred is absent */
  upstreamStreamEnds: Partial<Record<UpstreamEnd, number>>;
} & StreamCounts;

/** Counts requests and faults of all HTTP routes, including routes that a reload has removed. */
export class HttpFigures {
  readonly #logger: ProxyLogger;
  readonly #faults = new Map<HttpFault, number>();
  readonly #ends = new Map<UpstreamEnd, number>();
  /** streams of HTTP/2 clients */
  readonly streams = new StreamFigures();
  #open = 0;
  #created = 0;
  readonly #callEnds = new Map<UpstreamEnd, number>();
  #calls = 0;
  #callsMade = 0;
  /** idle connections of all pools, which keep it up to date */
  idle = 0;

  constructor(logger: ProxyLogger) {
    this.#logger = logger;
  }

  counts(): HttpCounts {
    return {
      upstreams: this.#open - this.idle,
      idleUpstreams: this.idle,
      upstreamsCreated: this.#created,
      upstreamEnds: byName(UPSTREAM_ENDS, this.#ends),
      faults: byName(HTTP_FAULTS, this.#faults),
      upstreamStreams: this.#calls,
      upstreamStreamsOpened: this.#callsMade,
      upstreamStreamEnds: Object.fromEntries(this.#callEnds),
      ...this.streams.counts(),
    };
  }

  /** Counts an upstream connection, and its end when it closes. */
  watch(socket: Socket, address: Address): Upstream {
    return new Upstream(socket, address, this.onUpstream());
  }

  /** Counts a connection to an upstream; what it returns counts its end. */
  onUpstream(): (reason: UpstreamEnd) => void {
    this.#open += 1;
    this.#created += 1;
    return (reason) => {
      this.#open -= 1;
      this.#ends.set(reason, (this.#ends.get(reason) ?? 0) + 1);
    };
  }

  /** Counts a stream to an upstream; what it returns counts its end. */
  onCall(): (reason: UpstreamEnd) => void {
    this.#calls += 1;
    this.#callsMade += 1;
    return (reason) => {
      this.#calls -= 1;
      this.#callEnds.set(reason, (this.#callEnds.get(reason) ?? 0) + 1);
    };
  }

  /** Counts and logs a fault: every counted fault has a log line, and every line is counted. */
  onFault(route: string, { fault, status, message }: MessageError): void {
    this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1);
    const fields = { event: 'http_fault', route, fault, status, cause: message };
    this.#logger.warn(fields, `a message of ${route} was not passed on: ${fault}`);
  }
}

function byName<Name extends string>(
  names: readonly Name[],
  counts: ReadonlyMap<Name, number>,
): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, counts.get(name) ?? 0])) as Record<Name, number>;
}
