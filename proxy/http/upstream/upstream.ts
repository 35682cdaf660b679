import type { Socket } from 'node:net';
import type { Address } from '../../../shared/address.ts';
import type { Deadline } from '../../clock/deadlines.ts';
import type { UpstreamEnd } from './upstream-ends.ts';

/** User of an upstream connection: receives its events until it gives the connection back. */
export type UpstreamUser = {
  onData(chunk: Buffer): void;
  /** called at the upstream's FIN */
  onFin(): void;
  onDrain(): void;
  /** called once when the connection has failed or closed */
  onClosed(error: Error | undefined): void;
};

/**
 * Connection to an upstream over its whole life: connecting, serving, idle in the pool. It ends for one reason, the first one told;
 * its listeners are attached once, not for each request.
 */
export class Upstream {
  readonly socket: Socket;
  readonly address: Address;
  /** end of its time in the pool, while it is idle */
  deadline: Deadline<Upstream> | undefined;
  #user: UpstreamUser | undefined;
  /** called when it is idle no more */
  #onLeave: (() => void) | undefined;
  #reason: UpstreamEnd | undefined;
  #error: Error | undefined;
  #uses = 0;
  #readBefore = 0;
  readonly #onData = (chunk: Buffer): void => {
    if (this.#user !== undefined) this.#user.onData(chunk);
    // nobody has asked for these bytes, so nobody gets them
    else this.end('surplus');
  };
  readonly #onFin = (): void => {
    if (this.#user !== undefined) this.#user.onFin();
    else this.end('closed');
  };
  readonly #onDrain = (): void => this.#user?.onDrain();

  /** @param onEnd called once, when the socket has closed */
  constructor(socket: Socket, address: Address, onEnd: (reason: UpstreamEnd) => void) {
    this.socket = socket;
    this.address = address;
    socket.on('data', this.#onData).on('end', this.#onFin).on('drain', this.#onDrain);
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.once('close', () => {
      const user = this.#user;
      this.#user = undefined;
      this.#leavePool();
      user?.onClosed(this.#error);
      onEnd(this.#reason ?? (this.#uses === 0 ? 'not_connected' : 'closed'));
    });
  }

  /** Whether it served a request before the present one. */
  get isReused(): boolean {
    return this.#uses > 1;
  }

  /** Whether a byte has come since it was taken. */
  get hasAnswered(): boolean {
    return this.socket.bytesRead > this.#readBefore;
  }

  /** Whether it can take a request: no end of it has been seen. */
  get isUsable(): boolean {
    return !this.socket.destroyed && this.socket.writable && this.socket.readable;
  }

  /** Begins to serve a request. */
  use(user: UpstreamUser): void {
    this.#leavePool();
    this.#user = user;
    this.#uses += 1;
    this.#readBefore = this.socket.bytesRead;
  }

  /** Ends the present use; what comes from now on is for nobody. */
  leave(): void {
    this.#user = undefined;
    // its user may have held it back
    this.socket.resume();
  }

  /** Becomes idle. @param onLeave called once, when it is used again or ends */
  rest(onLeave: () => void): void {
    this.#onLeave = onLeave;
  }

  /** Closes it. The first reason counts. */
  end(reason: UpstreamEnd): void {
    this.#reason ??= reason;
    this.#user = undefined;
    this.#leavePool();
    this.socket.destroy();
  }

  /** Closes it once everything has been written. The first reason counts. */
  endSoon(reason: UpstreamEnd): void {
    this.#reason ??= reason;
    this.#user = undefined;
    this.#leavePool();
    this.socket.destroySoon();
  }

  /** Hands the bare socket over, such as after an upgrade. */
  detach(): Socket {
    this.#reason ??= 'upgraded';
    this.#user = undefined;
    this.socket.off('data', this.#onData).off('end', this.#onFin).off('drain', this.#onDrain);
    return this.socket;
  }

  #leavePool(): void {
    const onLeave = this.#onLeave;
    this.#onLeave = undefined;
    onLeave?.();
  }
}
