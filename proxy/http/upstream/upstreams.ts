import type { Socket } from 'node:net';
import type { Address } from '../../../shared/address.ts';
import type { Clock } from '../../clock/clock.ts';
import { Deadlines } from '../../clock/deadlines.ts';
import type { Limits } from '../../limits/limits.ts';
import type { HttpFigures } from '../http-figures.ts';
import { connectTo } from './connect.ts';
import { IdlePool } from './idle-pool.ts';
import type { IdleLimits } from './idle-pool.ts';
import type { Dial } from './upstream-tls.ts';
import type { Upstream } from './upstream.ts';
import type { UpstreamEnd } from './upstream-ends.ts';

/** Limits of connections to upstreams, in ms and connections. */
export type UpstreamLimits = IdleLimits & Pick<Limits, 'connectTimeout' | 'grace'>;

/**
 * Connections to the upstreams of one route: new ones, and idle ones that an earlier request has left behind. A connection is idle
 * only after a complete answer with nothing behind it; at the first byte or end that nobody asked for, it is closed.
 */
export class Upstreams {
  readonly #addresses: readonly Address[];
  readonly #limits: UpstreamLimits;
  readonly #clock: Clock;
  readonly #figures: HttpFigures;
  readonly #idle: IdlePool<Upstream>;
  /** connections that are idle from the next turn of the loop on */
  #givenBack: Upstream[] = [];
  readonly #dial: Dial | undefined;
  /** connections that have their last bytes to write */
  readonly #ending: Deadlines<Upstream>;

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
    this.#figures = figures;
    this.#idle = new IdlePool(limits, clock, figures);
    this.#clock = clock;
    this.#ending = new Deadlines(clock, limits.grace, (upstream) => upstream.end('client'));
  }

  /** Takes an idle connection to the first address; undefined if there is none. */
  takeIdle(address: Address | undefined = this.#addresses[0]): Upstream | undefined {
    if (address === undefined) return undefined;
    for (;;) {
      const upstream = this.#idle.freshest(address);
      if (upstream === undefined) return undefined;
      if (upstream.isUsable) {
        this.#idle.forget(upstream);
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

  /** Closes a connection once everything has been written to it, or its grace is over. */
  endSoon(upstream: Upstream, reason: UpstreamEnd): void {
    const { socket } = upstream;
    if (!socket.destroyed && this.#limits.grace > 0) {
      const deadline = this.#ending.add(upstream, this.#clock.now());
      socket.once('close', () => this.#ending.delete(deadline));
      upstream.endSoon(reason);
    } else upstream.end(reason);
  }

  /** Closes all idle connections; those that are given back later are closed, too. */
  close(): void {
    this.#idle.close();
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
    if (!upstream.isUsable) upstream.end('closed');
    else if (this.#idle.keep(upstream)) upstream.rest(() => this.#idle.forget(upstream));
  }
}
