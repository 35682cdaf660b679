import type { Socket } from 'node:net';
import { CountTable } from '../observe/count-table.ts';
import type { ProxyLogger } from '../observe/logger.ts';
import { HTTP_FAULTS } from './http-fault.ts';
import type { HttpFault, MessageError } from './http-fault.ts';
import { StreamFigures } from './h2/client-stream-figures.ts';
import type { StreamCounts } from './h2/client-stream-figures.ts';
import { Tally } from './count-ends.ts';
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
  readonly #faults = new CountTable<HttpFault>(HTTP_FAULTS);
  readonly #upstreams = new Tally<UpstreamEnd>(UPSTREAM_ENDS);
  readonly #upstreamStreams = new Tally<UpstreamEnd>(UPSTREAM_ENDS);
  /** streams of HTTP/2 clients */
  readonly streams = new StreamFigures();
  /** idle connections of all pools, which keep it up to date */
  idle = 0;

  constructor(logger: ProxyLogger) {
    this.#logger = logger;
  }

  counts(): HttpCounts {
    return {
      upstreams: this.#upstreams.open - this.idle,
      idleUpstreams: this.idle,
      upstreamsCreated: this.#upstreams.opened,
      upstreamEnds: this.#upstreams.ends.all(),
      faults: this.#faults.all(),
      upstreamStreams: this.#upstreamStreams.open,
      upstreamStreamsOpened: this.#upstreamStreams.opened,
      upstreamStreamEnds: this.#upstreamStreams.ends.occurred(),
      ...this.streams.counts(),
    };
  }

  /** Counts an upstream connection, and its end when it closes. */
  watch(socket: Socket, address: Address): Upstream {
    return new Upstream(socket, address, this.onUpstream());
  }

  /** Counts a connection to an upstream. Call the returned function when it ends. */
  onUpstream(): (reason: UpstreamEnd) => void {
    return this.#upstreams.begin();
  }

  /** Counts a stream to an upstream. Call the returned function when it ends. */
  onCall(): (reason: UpstreamEnd) => void {
    return this.#upstreamStreams.begin();
  }

  /** Counts and logs a fault: every counted fault has a log line, and every line is counted. */
  onFault(route: string, { fault, status, message }: MessageError): void {
    this.#faults.add(fault);
    const fields = { event: 'http_fault', route, fault, status, cause: message };
    this.#logger.warn(fields, `a message of ${route} was not passed on: ${fault}`);
  }
}
