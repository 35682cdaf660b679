import type { Socket } from 'node:net';
import type { Address } from '../../../shared/address.ts';
import type { Clock } from '../../clock/clock.ts';
import { Deadlines } from '../../clock/deadlines.ts';
import type { Limits } from '../../limits/limits.ts';
import type { HttpFigures } from '../http-figures.ts';
import { connectTo } from './connect.ts';
import type { Dial } from './upstream-tls.ts';
import type { Upstream } from './upstream.ts';

/** Limits of connections to upstreams, in ms and connections. */
export type UpstreamLimits = Pick<
  Limits,
  'connectTimeout' | 'idleUpstreamTimeout' | 'idleUpstreams' | 'idleUpstreamsPerAddress'
>;

/**
 * Connections to the upstreams of one route: new ones, and idle ones that an earlier request has left behind. A connection is idle
 * only after a complete answer with nothing behind it; at the first byte or end that nobody asked for, it is closed.
 */
export class Upstreams {
  readonly #addresses: readonly Address[];
  readonly #limits: UpstreamLimits;
  readonly #clock: Clock;
  readonly #figures: HttpFigures;
  /** idle connections by address; the last one is the freshest, and is taken first */
  readonly #idle = new Map<Address, Upstream[]>();
  readonly #deadlines: Deadlines<Upstream>;
  /** connections that are idle from the next turn of the loop on */
  #givenBack: Upstream[] = [];
  readonly #dial: Dial | undefined;
  #isClosed = false;

  /** @param dial how connections are opened; by default in the clear */
  constructor(
    addresses: readonly Address[],
    limits: UpstreamLimits,
    clock: Clock,
    figures: HttpFigures,
    dial?: Dial,
  ) {
    this.#dial = dial;
    this.#addresses = addresses;
    this.#limits = limits;
    this.#clock = clock;
    this.#figures = figures;
    this.#deadlines = new Deadlines(clock, limits.idleUpstreamTimeout, (upstream) => upstream.end('idle'));
  }

  /** Takes an idle connection to the first address; undefined if there is none. */
  takeIdle(address: Address | undefined = this.#addresses[0]): Upstream | undefined {
    if (address === undefined) return undefined;
    for (;;) {
      const upstream = this.#idle.get(address)?.at(-1);
      if (upstream === undefined) return undefined;
      if (upstream.isUsable) {
        this.#forget(upstream);
        return upstream;
      }
      upstream.end('closed');
    }
  }

  /**
   * Connects to the first address that accepts.
   *
   * @param mayReuse whether an idle connection to an address will do
   * @throws the last address's error, or the signal's reason
   */
  async connect(signal: AbortSignal, mayReuse: boolean): Promise<Upstream> {
    let failure: unknown;
    for (const address of this.#addresses) {
      const idle = mayReuse ? this.takeIdle(address) : undefined;
      if (idle !== undefined) return idle;
      try {
        return await this.#connectTo(address, signal);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /**
   * Takes a connection back whose answer is complete. It is idle one turn of the loop later, so that what has come with the answer,
   * such as an end, is seen before.
   */
  giveBack(upstream: Upstream): void {
    upstream.leave();
    this.#givenBack.push(upstream);
    // one for all that come in this turn
    if (this.#givenBack.length === 1) setImmediate(() => this.#keepAll());
  }

  /** Closes all idle connections; those that are given back later are closed, too. */
  close(): void {
    this.#isClosed = true;
    for (const upstream of [...this.#idle.values()].flat()) upstream.end('shutdown');
  }

  async #connectTo(address: Address, signal: AbortSignal): Promise<Upstream> {
    let upstream: Upstream | undefined;
    const onSocket = (socket: Socket): void => {
      upstream = this.#figures.watch(socket, address);
    };
    const { connectTimeout: timeout } = this.#limits;
    await connectTo(address, { timeout, signal, dial: this.#dial }, onSocket);
    return upstream!;
  }

  #keepAll(): void {
    const givenBack = this.#givenBack;
    this.#givenBack = [];
    for (const upstream of givenBack) this.#keep(upstream);
  }

  #keep(upstream: Upstream): void {
    // its end was seen meanwhile
    if (!upstream.isUsable) return upstream.end('closed');
    if (this.#isClosed) return upstream.end('shutdown');
    const { idleUpstreams, idleUpstreamsPerAddress, idleUpstreamTimeout } = this.#limits;
    const idle = this.#idle.get(upstream.address) ?? [];
    const isFull = idle.length >= idleUpstreamsPerAddress || this.#figures.idle >= idleUpstreams;
    if (isFull || idleUpstreamTimeout === 0) return upstream.end('full');
    idle.push(upstream);
    this.#idle.set(upstream.address, idle);
    this.#figures.idle += 1;
    upstream.rest(() => this.#forget(upstream));
    upstream.deadline = this.#deadlines.add(upstream, this.#clock.now());
  }

  #forget(upstream: Upstream): void {
    const idle = this.#idle.get(upstream.address) ?? [];
    const at = idle.lastIndexOf(upstream);
    if (at < 0) return;
    idle.splice(at, 1);
    if (idle.length === 0) this.#idle.delete(upstream.address);
    this.#figures.idle -= 1;
    this.#deadlines.delete(upstream.deadline);
    upstream.deadline = undefined;
  }
}
