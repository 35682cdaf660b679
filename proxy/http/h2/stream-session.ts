import { constants, performServerHandshake } from 'node:http2';
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { cancelStream } from '../../../shared/http2/cancel-stream.ts';
import { destroySafely } from '../../../shared/http2/destroy-safely.ts';
import type { Clock, Timer } from '../../clock/clock.ts';
import type { TerminationReason } from '../../connection/termination.ts';
import type { Limits } from '../../limits/limits.ts';
import { MessageError } from '../http-fault.ts';
import { sizeOf } from './check-head.ts';
import { FrameBudget } from './frame-budget.ts';
import type { FrameLimits } from './frame-budget.ts';
import { GivenUpWatch, PONG } from './given-up.ts';
import { StreamExchange } from './stream-exchange.ts';
import type { StreamLimits, StreamSettings } from './stream-settings.ts';
import type { StreamFigures } from './client-stream-figures.ts';

export type SessionLimits = StreamLimits &
  FrameLimits &
  Pick<Limits, 'maxStreams' | 'headerTimeout' | 'idleSessionTimeout'>;

/** Dependencies of an HTTP/2 connection. */
export type StreamSessionSettings = Omit<StreamSettings, 'limits'> & {
  limits: SessionLimits;
  clock: Clock;
  figures: StreamFigures;
  /** whether it takes WebSockets (RFC 8441) */
  extendedConnect: boolean;
  /** called when the proxy ends the connection; the client may have its last frames before */
  onEnding(reason: TerminationReason): void;
};

/** Time (ms) from a GOAWAY to the end of the connection: Node may still write. */
const LINGER = 50;
/** Heads above the limit of the proxy are answered; above these, Node resets the stream without a word. */
const NODE_HEADER_BYTES = 65_535;
const NODE_HEADER_FIELDS = 1024;
const INVALID_FRAMES = 1_000_000;
/** Window of a connection by default (bytes; RFC 9113, 6.9.2). */
const WINDOW = 65_535;
const FLAG_END_STREAM = constants.NGHTTP2_FLAG_END_STREAM;

/** HTTP/2 connection of one client: each of its streams is a request of its own. */
export class StreamSession {
  readonly #socket: TLSSocket;
  readonly #settings: StreamSessionSettings;
  readonly #session: ServerHttp2Session;
  readonly #destroy: ServerHttp2Session['destroy'];
  readonly #budget: FrameBudget;
  readonly #watch: GivenUpWatch;
  readonly #open = new Map<ServerHttp2Stream, StreamExchange>();
  /** bytes of the connection behind which no frame had begun */
  #proven = 0;
  /** time since when nothing has been seen, although a frame may have begun; undefined: nothing may */
  #doubtSince: number | undefined;
  /** bytes that had been read when the client was asked (PING); undefined: it was not */
  #askedAt: number | undefined;
  /** time since when there is no stream */
  #idleSince: number | undefined;
  #isLost = false;
  #isEnding = false;
  #linger: Timer | undefined;

  constructor(socket: TLSSocket, settings: StreamSessionSettings) {
    this.#socket = socket;
    this.#settings = settings;
    this.#budget = new FrameBudget(settings.limits);
    // RFC 9113, 9.2.1
    socket.disableRenegotiation();
    const { maxStreams } = settings.limits;
    const { extendedConnect: enableConnectProtocol } = settings;
    this.#session = performServerHandshake(socket, {
      settings: {
        maxConcurrentStreams: maxStreams,
        maxHeaderListSize: NODE_HEADER_BYTES,
        ...(enableConnectProtocol && { enableConnectProtocol }),
      },
      maxHeaderListPairs: NODE_HEADER_FIELDS,
      // the budget counts them; Node's way to end such a session may lose the GOAWAY
      maxSessionInvalidFrames: INVALID_FRAMES,
    });
    destroySafely(this.#session, socket);
    this.#destroy = this.#session.destroy.bind(this.#session);
    this.#watch = new GivenUpWatch({
      session: this.#session,
      socket,
      clock: settings.clock,
      window: WINDOW,
      isBusy: () => this.#open.size > 0,
      onGivenUp: () => this.#onGivenUp(),
    });
    settings.figures.onSession();
    this.#listen();
  }

  /** Checks the clocks and bounds of the connection and its streams. @param now in ms */
  look(now: number): void {
    // Node may have ended it by itself, and wait for its client: its methods throw then, and the clocks of connections bound the rest
    if (this.#isLost || this.#isEnding || this.#session.destroyed) return;
    this.#checkBudget();
    this.#checkHead(now);
    this.#checkIdle(now);
    for (const exchange of this.#open.values()) exchange.look(now);
  }

  /** Whether it has let go of its socket, and all of its streams have ended. */
  get isOver(): boolean {
    return this.#session.destroyed;
  }

  /** Ends the connection. */
  destroy(): void {
    this.#destroy();
  }

  /** Takes no more streams, and ends the connection after the last one (GOAWAY). False if it has ended already. */
  drain(): boolean {
    if (this.#isLost || this.#session.destroyed) return false;
    this.#isEnding = true;
    this.#session.close();
    return true;
  }

  #listen(): void {
    const session = this.#session;
    const socket = this.#socket;
    session.on('error', () => {});
    session.on('stream', (stream, _, flags, raw?: string[]) => this.#onStream(stream, flags, raw ?? []));
    for (const event of ['ping', 'remoteSettings', 'goaway'] as const) {
      session.on(event, () => {
        this.#onFrame();
        this.#checkBudget();
      });
    }
    // Node ends a flooded session as its own failure, and the end overtakes the GOAWAY
    const destroy = this.#destroy;
    session.destroy = (error, code) => {
      if (isFlood(error) && !this.#isLost) this.#flood(String(error?.message));
      else destroy(error, code);
    };
    socket.on('error', () => {});
    // a client that cannot open windows any more has left
    socket.once('end', () => {
      this.#isEnding = true;
      this.#cancelAll('socket_end', constants.NGHTTP2_CANCEL);
      session.close();
      // Node may wait for what nobody takes any more
      this.#endSoon();
    });
    socket.once('close', () => {
      this.#isLost = true;
      this.#watch.stop();
      this.#linger?.cancel();
    });
    session.once('close', () => {
      this.#settings.figures.onSessionEnd();
      socket.destroySoon();
    });
  }

  #onStream(stream: ServerHttp2Stream, flags: number, raw: readonly string[]): void {
    const { figures, clock } = this.#settings;
    this.#onFrame();
    // a short stream may be over before the next check
    this.#idleSince = undefined;
    this.#budget.head(sizeOf(raw));
    const onEnded = figures.onStream();
    const exchange = new StreamExchange(stream, this.#settings, {
      onContent: (size) => {
        this.#onFrame();
        this.#budget.content(size);
      },
      isLost: () => this.#isLost || this.#session.destroyed,
      onEnd: (reason) => {
        this.#open.delete(stream);
        onEnded(reason);
        const isReset = reason === 'econnreset';
        if (isReset && this.#budget.isResetTooOften(clock.now())) this.#flood('streams that are reset');
      },
    });
    this.#open.set(stream, exchange);
    this.#watch.begin();
    // reset in the same read: no upstream hears of it
    if (stream.destroyed || stream.closed || this.#isEnding)
      return cancelStream(stream, constants.NGHTTP2_REFUSED_STREAM);
    exchange.start(raw, (flags & FLAG_END_STREAM) !== 0);
  }

  #onFrame(): void {
    this.#doubtSince = undefined;
    this.#askedAt = undefined;
  }

  /**
   * Bounds the time of a head, also of a broken connection that Node keeps. A part of a head cannot be seen, but a client that has begun
   * one cannot answer a PING before its end. With streams under way, their clocks do.
   */
  #checkHead(now: number): void {
    const { headerTimeout } = this.#settings.limits;
    const { bytesRead } = this.#socket;
    if (headerTimeout === 0 || this.#open.size > 0 || bytesRead === this.#proven) return this.#onFrame();
    this.#doubtSince ??= now;
    if (now - this.#doubtSince < headerTimeout) return;
    if (this.#askedAt !== undefined)
      return this.#end('header_timeout', 'a head that is too slow', 'initial_timeout');
    this.#doubtSince = now;
    this.#askedAt = bytesRead;
    this.#session.ping(() => {
      // only if nothing came with the answer, nothing can have begun behind it
      if (this.#socket.bytesRead - (this.#askedAt ?? 0) === PONG) this.#proven = this.#socket.bytesRead;
      this.#onFrame();
    });
  }

  #checkIdle(now: number): void {
    const { idleSessionTimeout } = this.#settings.limits;
    if (this.#open.size > 0) this.#idleSince = undefined;
    else this.#idleSince ??= now;
    if (idleSessionTimeout === 0 || this.#idleSince === undefined) return;
    if (now - this.#idleSince < idleSessionTimeout) return;
    this.#settings.onEnding('inactivity');
    this.drain();
  }

  #checkBudget(): void {
    const { bytesRead, bytesWritten } = this.#socket;
    const now = this.#settings.clock.now();
    // bodies that wait for their upstream are counted when they are read
    let waiting = 0;
    for (const { readableLength } of this.#open.keys()) waiting += readableLength;
    if (this.#budget.isExcessive(now, bytesRead - waiting, bytesWritten))
      this.#flood('frames without content');
  }

  #flood(what: string): void {
    this.#end('flood', what, 'rejected_limit');
  }

  /** Ends the connection, and says why. */
  #end(fault: 'flood' | 'header_timeout', why: string, reason: TerminationReason): void {
    if (this.#isLost || this.#linger !== undefined) return;
    this.#isEnding = true;
    this.#settings.onFault(new MessageError(fault, why));
    this.#settings.onEnding(reason);
    this.#endSoon();
    if (!this.#session.destroyed) this.#session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    this.#cancelAll(reason, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  /** Ends a connection whose client has broken HTTP/2: its streams get and send nothing more. */
  #onGivenUp(): void {
    if (this.#isLost || this.#session.destroyed) return;
    this.#isEnding = true;
    this.#settings.onFault(new MessageError('bad_request', 'frames that break HTTP/2'));
    this.#settings.onEnding('error');
    this.#cancelAll('error', constants.NGHTTP2_PROTOCOL_ERROR);
    this.#destroy();
  }

  #endSoon(): void {
    // a turn of the loop later, whatever held the loop up
    const end = (): unknown => setImmediate(() => this.#destroy());
    this.#linger ??= this.#settings.clock.setTimeout(end, LINGER);
  }

  #cancelAll(reason: TerminationReason, code: number): void {
    for (const [stream, exchange] of this.#open) {
      exchange.abort(reason);
      cancelStream(stream, code);
    }
  }
}

/** Whether an error of Node's is a flood that nghttp2 has found. */
function isFlood(error: NodeJS.ErrnoException | undefined): boolean {
  const { code, message = '' } = error ?? {};
  return code === 'ERR_HTTP2_TOO_MANY_INVALID_FRAMES' || /flood|too many|continuation/i.test(message);
}
