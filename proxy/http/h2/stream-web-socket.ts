import type { ServerHttp2Stream } from 'node:http2';
import { watchEndOfStream } from '../../../shared/http2/end-of-stream.ts';
import { checkAnswer, checkSwitch } from '../check-answer.ts';
import { endToEndHeaders } from '../headers.ts';
import type { AnswerHead } from '../upstream/answer-head.ts';
import { WEBSOCKET, withoutHandshake } from '../websocket/handshake.ts';
import { isSound, joinTunnels, streamTunnel } from '../websocket/tunnel.ts';
import type { Tunnel } from '../websocket/tunnel.ts';
import { streamFields } from './stream-fields.ts';

/** Receiver of what happens to a WebSocket. */
export type WebSocketEvents = {
  /** called for each part that comes from the client */
  onContent(size: number): void;
  /** called when the upstream is gone without an end */
  onCut(): void;
};

/** WebSocket of a client on a stream of HTTP/2 (RFC 8441). */
export class StreamWebSocket {
  readonly #stream: ServerHttp2Stream;
  readonly #events: WebSocketEvents;
  readonly #tunnel: Tunnel;
  /** whether it has been granted */
  #isOpen = false;
  #received = 0;
  #sent = 0;

  constructor(stream: ServerHttp2Stream, events: WebSocketEvents) {
    this.#stream = stream;
    this.#events = events;
    this.#tunnel = { ...streamTunnel(stream, watchEndOfStream(stream)), cut: () => events.onCut() };
  }

  /** Bytes that have come from the client. */
  get received(): number {
    return this.#received;
  }

  /** Bytes that have come for the client. */
  get sent(): number {
    return this.#sent;
  }

  /** Whether one side has ended its half, and the other has not. */
  get isHalfOpen(): boolean {
    return this.#isOpen && this.#stream.readableEnded !== this.#stream.writableEnded;
  }

  /** Whether both halves have ended as they should. */
  get isSound(): boolean {
    return this.#isOpen && isSound(this.#tunnel);
  }

  /**
   * Grants the client its WebSocket, and passes bytes both ways.
   *
   * @throws MessageError `bad_answer` for a head that must not be forwarded
   */
  begin(head: AnswerHead, upstream: Tunnel): void {
    if (head.statusCode === 101) checkSwitch(head, WEBSOCKET);
    else checkAnswer(head);
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return upstream.cut();
    const fields = withoutHandshake(endToEndHeaders(head.rawHeaders));
    stream.respond({ ...streamFields(fields), ':status': 200 });
    this.#isOpen = true;
    stream.on('data', (chunk: Buffer) => {
      this.#received += chunk.length;
      this.#events.onContent(chunk.length);
    });
    upstream.stream.on('data', (chunk: Buffer) => {
      this.#sent += chunk.length;
    });
    this.#sent += upstream.early.length;
    joinTunnels(this.#tunnel, upstream);
  }
}
