import type { Socket } from 'node:net';
import type { Address } from '../../../../shared/address.ts';
import type { Clock } from '../../../clock/clock.ts';
import type { Limits } from '../../../limits/limits.ts';
import type { HttpFigures } from '../../http-figures.ts';
import { connectTo } from '../connect.ts';
import { IdlePool } from '../idle-pool.ts';
import type { Dial } from '../upstream-tls.ts';
import type { UpstreamLimits } from '../upstreams.ts';
import { AddressSessions } from './address-sessions.ts';
import { UpstreamSession } from './upstream-session.ts';
import type { SessionEvents } from './upstream-session.ts';

/** Limits of HTTP/2 to upstreams, in ms, connections and streams. */
export type UpstreamSessionLimits = UpstreamLimits & Pick<Limits, 'maxUpstreamStreams'>;

/** HTTP/2 sessions to the upstreams of one route. A session without a call stays open for the next call, within the limits of idle connections. */
export class UpstreamSessions {
  readonly #limits: UpstreamSessionLimits;
  readonly #figures: HttpFigures;
  readonly #clock: Clock;
  readonly #dial: Dial | undefined;
  readonly #addresses: AddressSessions[];
  /** sessions without a call */
  readonly #idle: IdlePool<UpstreamSession>;

  /** @param dial how connections are opened; by default in the clear */
  constructor(
    addresses: readonly Address[],
    limits: UpstreamSessionLimits,
    clock: Clock,
    figures: HttpFigures,
    dial?: Dial,
  ) {
    this.#limits = limits;
    this.#clock = clock;
    this.#figures = figures;
    this.#dial = dial;
    this.#idle = new IdlePool(limits, clock, figures);
    this.#addresses = addresses.map((address) => {
      const sessions: AddressSessions = new AddressSessions(
        async (signal) => this.#connect(address, signal, sessions),
        limits.maxUpstreamStreams || Infinity,
      );
      return sessions;
    });
  }

  /** Reserves a call on an open session to the first address; undefined if none has room. */
  takeOpen(): UpstreamSession | undefined {
    return this.#addresses[0]?.takeOpen();
  }

  /**
   * Reserves a call on a session to the first address that accepts.
   *
   * @throws the last address's error, or the signal's reason
   */
  async take(signal: AbortSignal): Promise<UpstreamSession> {
    let failure: unknown;
    for (const address of this.#addresses) {
      const open = address.takeOpen();
      if (open !== undefined) return open;
      try {
        return await address.takeNew(signal);
      } catch (error) {
        failure = error;
        signal.throwIfAborted();
      }
    }
    throw failure;
  }

  /** Ends all idle sessions; the others end after their last call. */
  close(): void {
    this.#idle.close();
  }

  async #connect(address: Address, signal: AbortSignal, siblings: AddressSessions): Promise<UpstreamSession> {
    const { connectTimeout: timeout } = this.#limits;
    let session: UpstreamSession | undefined;
    const onSocket = (socket: Socket): void => {
      session = new UpstreamSession(socket, address, this.#events(siblings), this.#clock);
    };
    await connectTo(address, { timeout, signal, dial: this.#dial }, onSocket);
    await session!.begin(timeout, signal);
    return session!;
  }

  #events(siblings: AddressSessions): SessionEvents {
    const onEnd = this.#figures.onUpstream();
    return {
      onIdle: (session) => void this.#idle.keep(session),
      onBusy: (session) => this.#idle.forget(session),
      onRetired: (session) => {
        this.#idle.forget(session);
        siblings.remove(session);
      },
      onEnd,
    };
  }
}
