import { connect } from 'node:http2';
import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  ClientSessionRequestOptions,
  OutgoingHttpHeaders,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { Address } from '../../../../shared/address.ts';
import type { Deadline } from '../../../clock/deadlines.ts';
import type { UpstreamEnd } from '../upstream-ends.ts';

/** Receiver of a session's states. */
export type SessionEvents = {
  /** called when its last call has ended and it may serve others */
  onIdle(session: UpstreamSession): void;
  /** called when it takes a call after it was idle */
  onBusy(session: UpstreamSession): void;
  /** called once, when it takes no more calls */
  onRetired(session: UpstreamSession): void;
  /** called once, when its socket has closed */
  onEnd(reason: UpstreamEnd): void;
};

/** Window (bytes) of the whole connection: the one of HTTP/2 by default would be shared by all clients. */
const WINDOW = 1_048_576;
/** Authority of no request: each one has its own. */
const ORIGIN = 'http://upstream.invalid';

/**
 * HTTP/2 connection to an upstream, whose streams are calls of any clients. It ends for one reason, the first one told, and takes no
 * more calls from the moment in which either side says so.
 */
export class UpstreamSession {
  readonly address: Address;
  /** end of its time in the pool, while it is idle */
  deadline: Deadline<UpstreamSession> | undefined;
  readonly #socket: Socket;
  readonly #events: SessionEvents;
  #session: ClientHttp2Session | undefined;
  #calls = 0;
  #served = 0;
  #isReady = false;
  #isRetired = false;
  #isInDoubt = false;
  #reason: UpstreamEnd | undefined;
  #error: Error | undefined;
  /** highest stream that the upstream may have processed, by its GOAWAY */
  #lastStream = Infinity;

  /** @param socket connection under way */
  constructor(socket: Socket, address: Address, events: SessionEvents) {
    this.#socket = socket;
    this.address = address;
    this.#events = events;
    socket.on('error', (error) => {
      this.#error ??= error;
    });
    socket.once('close', () => {
      this.#retire();
      events.onEnd(this.#reason ?? (this.#isReady ? 'closed' : 'not_connected'));
    });
  }

  /** Whether earlier calls have been answered on it. */
  get hasServed(): boolean {
    return this.#served > 0;
  }

  /** Cause of its end, if it is known. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Whether it takes no more calls. */
  get isRetired(): boolean {
    return this.#isRetired;
  }

  /** Whether it takes another call: RFC 9113, 5.1.2 lets the upstream bound its streams. */
  hasRoom(maxStreams: number): boolean {
    const { maxConcurrentStreams = Infinity } = this.#session?.remoteSettings ?? {};
    return !this.#isRetired && !this.#isInDoubt && this.#calls < Math.min(maxStreams, maxConcurrentStreams);
  }

  /**
   * Speaks HTTP/2 on the connected socket.
   *
   * @param timeout ms, for the upstream's SETTINGS, its first frame; 0: none
   * @throws the cause for which it has closed
   */
  async begin(timeout: number, signal: AbortSignal): Promise<void> {
    const socket = this.#socket;
    const session = connect(ORIGIN, {
      createConnection: () => socket,
      settings: { enablePush: false },
    });
    this.#session = session;
    this.#listen(session);
    const onAbort = (): void => this.end('not_connected');
    const onTimeout = (): void => {
      this.#error ??= new Error('no SETTINGS of HTTP/2 within the time to connect');
      this.end('not_connected');
    };
    signal.addEventListener('abort', onAbort);
    socket.setTimeout(timeout);
    socket.on('timeout', onTimeout);
    try {
      await new Promise<void>((resolve, reject) => {
        session.once('remoteSettings', () => resolve());
        socket.once('close', () => reject(this.#error ?? new Error('closed before its SETTINGS of HTTP/2')));
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
      socket.off('timeout', onTimeout);
      socket.setTimeout(0);
    }
    this.#isReady = true;
    session.setLocalWindowSize(WINDOW);
  }

  /** Takes a call; each one must be released. */
  reserve(): void {
    if (this.#calls === 0) this.#events.onBusy(this);
    this.#calls += 1;
  }

  /** Ends a call. @param isAnswered whether it was answered completely */
  release(isAnswered: boolean): void {
    this.#calls -= 1;
    if (isAnswered) this.#served += 1;
    if (this.#calls > 0) return;
    if (this.#isRetired) this.end('closed');
    else this.#events.onIdle(this);
  }

  /**
   * Opens a stream.
   *
   * @throws Error of Node's if the session has ended, or if a field cannot be sent
   */
  request(fields: OutgoingHttpHeaders, options: ClientSessionRequestOptions): ClientHttp2Stream {
    if (this.#session === undefined) throw new Error('the session has not begun');
    return this.#session.request(fields, options);
  }

  /** Whether the upstream has said by a GOAWAY that it has not processed a stream. */
  isUnprocessed(id: number | undefined): boolean {
    return (id ?? Infinity) > this.#lastStream;
  }

  /** Asks the upstream whether it is still there (PING); until it answers, the session takes no more calls. */
  doubt(): void {
    if (this.#isRetired || this.#isInDoubt || this.#session === undefined) return;
    this.#isInDoubt = true;
    this.#session.ping(() => {
      this.#isInDoubt = false;
    });
  }

  /** Takes no more calls; ends after the last one. */
  retire(): void {
    this.#retire();
    if (this.#calls === 0) this.end('closed');
  }

  /** Ends it at once. The first reason counts. */
  end(reason: UpstreamEnd): void {
    this.#reason ??= reason;
    this.#retire();
    this.#session?.destroy();
    // a session that was told to close would wait for the FIN of its upstream
    setImmediate(() => this.#socket.destroy());
  }

  #listen(session: ClientHttp2Session): void {
    session.on('error', (error: Error) => {
      this.#error ??= error;
    });
    session.on('goaway', (code: number, lastStream: number) => {
      this.#lastStream = Math.min(this.#lastStream, lastStream);
      if (code !== 0) this.#error ??= new Error(`the upstream has sent GOAWAY with the code ${code}`);
      this.retire();
    });
    session.once('close', () => this.end('closed'));
  }

  #retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    this.#events.onRetired(this);
  }
}
