import { connect, constants } from 'node:http2';
import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  ClientSessionRequestOptions,
  OutgoingHttpHeaders,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { Address } from '../../../../shared/address.ts';
import { destroySafely } from '../../../../shared/http2/destroy-safely.ts';
import type { Clock } from '../../../clock/clock.ts';
import type { Deadline } from '../../../clock/deadlines.ts';
import { GivenUpWatch } from '../../h2/given-up.ts';
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
  readonly #clock: Clock;
  #watch: GivenUpWatch | undefined;
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
  /** bytes written when nghttp2 had given it up */
  #writtenInAll: number | undefined;

  /** @param socket connection under way */
  constructor(socket: Socket, address: Address, events: SessionEvents, clock: Clock) {
    this.#socket = socket;
    this.address = address;
    this.#events = events;
    this.#clock = clock;
    socket.on('error', (error) => {
      this.#error ??= error;
    });
    socket.once('close', () => {
      this.#watch?.stop();
      this.#retire();
      events.onEnd(this.#reason ?? (this.#isReady ? 'closed' : 'not_connected'));
    });
  }

  /** Whether earlier calls have been answered on it. */
  get hasServed(): boolean {
    return this.#served > 0;
  }

  /** Bytes sent so far. */
  get bytesWritten(): number {
    return this.#socket.bytesWritten;
  }

  /** Cause of its end, if it is known. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Whether it takes no more calls. */
  get isRetired(): boolean {
    return this.#isRetired;
  }

  /** Whether the upstream takes extended CONNECT (RFC 8441). */
  get takesConnect(): boolean {
    return this.#session?.remoteSettings.enableConnectProtocol === true;
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
    destroySafely(session, socket);
    this.#session = session;
    this.#listen(session);
    const onAbort = (): void => this.end('not_connected');
    const onTimeout = (): void => {
      this.#error ??= new Error('no SETTINGS of HTTP/2 within the time to connect');
      this.end('not_connected');
    };
    signal.addEventListener('abort', onAbort);
    // however its bytes come
    const timer = timeout === 0 ? undefined : this.#clock.setTimeout(onTimeout, timeout);
    try {
      await new Promise<void>((resolve, reject) => {
        session.once('remoteSettings', () => resolve());
        socket.once('close', () => reject(this.#error ?? new Error('closed before its SETTINGS of HTTP/2')));
        // all may have left at the very moment of the connect
        if (signal.aborted) onAbort();
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
      timer?.cancel();
    }
    this.#isReady = true;
    this.#watch = new GivenUpWatch({
      session,
      socket,
      clock: this.#clock,
      window: WINDOW,
      isBusy: () => this.#calls > 0,
      onGivenUp: () => this.#onGivenUp(),
    });
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
    const session = this.#session;
    // Node may have ended it without an event, and wait for its socket: the request goes elsewhere
    if (session.destroyed) this.end('closed');
    else if (session.closed) this.#retire();
    const stream = session.request(fields, options);
    this.#watch?.onRequest();
    return stream;
  }

  /**
   * Whether the upstream has not processed a stream: it has said so by a GOAWAY or RST_STREAM, or nothing was sent.
   *
   * @param writtenBefore bytes sent before the stream was opened
   */
  isUnprocessed({ id, rstCode, errored }: ClientHttp2Stream, writtenBefore: number): boolean {
    const { code } = (errored ?? {}) as NodeJS.ErrnoException;
    // Node gives the streams of a connection that ends with an error its code, too
    const isRefused = rstCode === constants.NGHTTP2_REFUSED_STREAM && code !== 'ERR_HTTP2_SESSION_ERROR';
    return isRefused || (id ?? Infinity) > this.#lastStream || writtenBefore === this.#writtenInAll;
  }

  /** Asks the upstream whether it is still there (PING); until it answers, the session takes no more calls. */
  doubt(): void {
    if (this.#isRetired || this.#isInDoubt || this.#session === undefined) return;
    if (this.#session.destroyed) return this.end('closed');
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

  /** Ends it, and takes no more calls from now on. The first reason counts. */
  end(reason: UpstreamEnd): void {
    this.#reason ??= reason;
    this.#retire();
    this.#session?.destroy();
    // a session that was told to close would wait for the FIN of its upstream
    setImmediate(() => setImmediate(() => this.#socket.destroy()));
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

  #onGivenUp(): void {
    if (this.#writtenInAll !== undefined) return;
    this.#writtenInAll = this.#socket.bytesWritten;
    this.#error ??= new Error('the upstream has broken HTTP/2, or answers no PING');
    this.end('closed');
    // at once: no request may leave any more that goes elsewhere, too
    this.#socket.destroy();
  }

  #retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    this.#events.onRetired(this);
  }
}
