import type { UpstreamSession } from './upstream-session.ts';

type Waiter = { resolve(session: UpstreamSession): void; reject(error: unknown): void };

/** Connects, and resolves with a session that takes calls. */
type Open = (signal: AbortSignal) => Promise<UpstreamSession>;

/**
 * HTTP/2 sessions to one address. Calls that find no room share one attempt to connect, which is given up when the last of them
 * leaves. If the new session has no room for all, another one is opened for the rest.
 */
export class AddressSessions {
  readonly #open: Open;
  readonly #maxStreams: number;
  readonly #sessions: UpstreamSession[] = [];
  readonly #waiters = new Set<Waiter>();
  #opening: AbortController | undefined;

  /** @param maxStreams most calls of a session at a time */
  constructor(open: Open, maxStreams: number) {
    this.#open = open;
    this.#maxStreams = maxStreams;
  }

  /** Sessions that take calls. */
  get sessions(): readonly UpstreamSession[] {
    return this.#sessions;
  }

  /** Reserves a call on an open session; undefined if none has room. */
  takeOpen(): UpstreamSession | undefined {
    const session = this.#sessions.find((candidate) => candidate.hasRoom(this.#maxStreams));
    session?.reserve();
    return session;
  }

  /**
   * Reserves a call on a new session.
   *
   * @throws the error of the connect, or the signal's reason
   */
  async takeNew(signal: AbortSignal): Promise<UpstreamSession> {
    return new Promise((resolve, reject) => {
      const settle = (): void => signal.removeEventListener('abort', onAbort);
      const waiter: Waiter = {
        resolve: (session) => {
          settle();
          resolve(session);
        },
        reject: (error) => {
          settle();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      };
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        waiter.reject(signal.reason);
        if (this.#waiters.size > 0) return;
        this.#opening?.abort();
        this.#opening = undefined;
      };
      signal.addEventListener('abort', onAbort);
      this.#waiters.add(waiter);
      if (this.#opening === undefined) this.#begin();
    });
  }

  /** Removes a session that takes no more calls. */
  remove(session: UpstreamSession): void {
    const at = this.#sessions.indexOf(session);
    if (at >= 0) this.#sessions.splice(at, 1);
  }

  #begin(): void {
    const opening = new AbortController();
    this.#opening = opening;
    this.#open(opening.signal).then(
      (session) => this.#onOpen(opening, session),
      (error: unknown) => {
        if (this.#opening === opening) this.#rejectAll(error);
      },
    );
  }

  #onOpen(opening: AbortController, session: UpstreamSession): void {
    // at the very moment in which the last call left
    if (this.#opening !== opening) return session.end('client');
    this.#opening = undefined;
    if (!session.isRetired) this.#sessions.push(session);
    if (!session.hasRoom(this.#maxStreams)) {
      this.#rejectAll(session.error ?? new Error('the upstream takes no streams'));
      return session.retire();
    }
    for (const waiter of this.#waiters) {
      if (!session.hasRoom(this.#maxStreams)) break;
      this.#waiters.delete(waiter);
      session.reserve();
      waiter.resolve(session);
    }
    if (this.#waiters.size > 0) this.#begin();
  }

  #rejectAll(error: unknown): void {
    this.#opening = undefined;
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.reject(error);
  }
}
