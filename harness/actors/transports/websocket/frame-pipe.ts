import { Duplex } from 'node:stream';

import type { Step } from '../../../scenario/step.ts';
import type { FrameMistake } from '../../../scenario/protocols/ws-step.ts';
import { OPCODES } from '../../../../shared/websocket/frame-format.ts';
import { FrameInvalid, FrameReader, type WholeMessage } from '../../../../shared/websocket/frame-reader.ts';
import { takesNoMore } from '../pipe.ts';
import { FrameWriter, type MessageShape } from './frame-writer.ts';

/** Codes that a close frame can have (RFC 6455, 7.4). */
const isCode = (code: number): boolean =>
  (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);

/** Code that stands for a close frame without one. */
const NO_CODE = 1005;

/**
 * Messages of a WebSocket as a stream of their payloads. Answers pings and close frames as RFC 6455 has it, unless the script waits for
 * them itself. Emits `seen` for frames that are wrong, and `truncated` for an end within a message.
 */
export class FramePipe extends Duplex {
  readonly #inner: Duplex;
  readonly #isClient: boolean;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #answersPings: boolean;
  readonly #answersClose: boolean;
  /** bytes that go out as they stand, beside all frames */
  #plain = 0;
  /** whether the script has ended this side, whether this side has sent its close frame, and whether it reads no more frames */
  #isEnding = false;
  #hasSentClose = false;
  #isBroken = false;
  /** whole messages that have come, and the payload of each control frame */
  readonly messages: WholeMessage[] = [];
  readonly pings: Buffer[] = [];
  readonly pongs: Buffer[] = [];
  /** code of the peer's close frame */
  closeCode: number | undefined;
  /** whether the peer has sent FIN */
  hasPeerEnded = false;

  constructor(inner: Duplex, { isClient, script }: { isClient: boolean; script: readonly Step[] }) {
    // the owner of the connection destroys its socket; the stream has nothing of its own
    super({ allowHalfOpen: true, autoDestroy: false, emitClose: false });
    const speaksOf = (type: string): boolean =>
      script.some((step) => (step.kind === 'ws' || step.kind === 'expect-ws') && step.message.type === type);
    this.#inner = inner;
    this.#isClient = isClient;
    this.#answersPings = !script.some((step) => step.kind === 'expect-ws' && step.message.type === 'ping');
    this.#answersClose = !speaksOf('close');
    this.#writer = new FrameWriter(isClient);
    this.#reader = new FrameReader(!isClient, {
      data: (chunk, isText) => this.#onData(chunk, isText),
      message: (message) => {
        this.messages.push(message);
        this.emit('progress');
      },
      control: (type, payload) => this.#onControl(type, payload),
    });
    inner.on('data', (chunk: Buffer) => this.#feed(chunk));
    inner.on('error', (error) => this.emit('error', error));
    inner.on('seen', (what) => this.emit('seen', what));
    inner.on('progress', () => this.emit('progress'));
    inner.once('end', () => this.#onEnd());
    inner.resume();
  }

  /** Stream that the frames go over. */
  get inner(): Duplex {
    return this.#inner;
  }

  /** Whether nothing more can be sent: the close frame has gone out, or its stream is over. */
  get isOver(): boolean {
    return this.#hasSentClose || this.#isBroken || takesNoMore(this.#inner);
  }

  /** Announces a message; the bytes that are written next are its payload. */
  begin(shape: MessageShape): void {
    const head = this.#writer.begin(shape);
    if (head !== undefined) this.#inner.write(head);
  }

  /** The next bytes that are written go out as they stand. */
  passAsTheyStand(bytes: number): void {
    this.#plain += bytes;
  }

  /** Sends a ping or a pong. */
  sendProbe(type: 'ping' | 'pong', payload: Buffer, mistake: FrameMistake = {}): void {
    if (!this.#canControl) return;
    this.#inner.write(this.#writer.control(OPCODES[type], payload, mistake));
  }

  /** Sends a close frame. */
  sendClose(code: number | undefined, reason: string, mistake: FrameMistake = {}): void {
    if (!this.#canControl || this.#hasSentClose) return;
    const payload = Buffer.alloc(code === undefined ? 0 : 2);
    if (code !== undefined) payload.writeUInt16BE(code);
    this.#hasSentClose = true;
    this.#inner.write(
      this.#writer.control(OPCODES.close, Buffer.concat([payload, Buffer.from(reason)]), mistake),
    );
    this.#endIfDone();
  }

  /** Whether a control frame can go out: none can stand within another frame. */
  get #canControl(): boolean {
    return !this.#writer.midway && this.#inner.writable;
  }

  #onData(chunk: Buffer, isText: boolean): void {
    // after its close frame a peer has nothing to say
    if (this.closeCode !== undefined) return;
    if (isText) this.emit('mixed');
    if (!this.push(chunk)) this.#inner.pause();
  }

  #onControl(type: 'close' | 'ping' | 'pong', payload: Buffer): void {
    if (type === 'ping') {
      this.pings.push(payload);
      if (this.#answersPings && !this.#hasSentClose) this.sendProbe('pong', payload);
    } else if (type === 'pong') this.pongs.push(payload);
    else this.#onClose(payload);
    this.emit('progress');
  }

  #onClose(payload: Buffer): void {
    if (payload.length === 1) throw new FrameInvalid('a close frame has half a code');
    const code = payload.length === 0 ? NO_CODE : payload.readUInt16BE(0);
    if (payload.length > 0 && !isCode(code)) throw new FrameInvalid(`a close frame has the code ${code}`);
    this.closeCode ??= code;
    if (this.#answersClose) this.sendClose(code === NO_CODE ? undefined : code, '');
    this.#endIfDone();
  }

  #feed(chunk: Buffer): void {
    if (this.#isBroken) return;
    try {
      this.#reader.push(chunk);
    } catch (error) {
      if (!(error instanceof FrameInvalid)) throw error;
      this.sendClose(error.code, '');
      this.#isBroken = true;
      this.emit('seen', `invalid WebSocket: ${error.message}`);
      this.#inner.end();
    }
  }

  #onEnd(): void {
    this.hasPeerEnded = true;
    if (this.#isBroken) return;
    if (this.#reader.midway && this.closeCode === undefined) this.emit('seen', 'truncated');
    else this.push(null);
    this.#endIfDone();
  }

  /** Ends the connection after both close frames as a server, and after the peer has ended it. */
  #endIfDone(): void {
    const isClosed = this.#hasSentClose && this.closeCode !== undefined;
    if ((isClosed && !this.#isClient) || (this.#isEnding && this.hasPeerEnded)) this.#inner.end();
  }

  override _read(): void {
    this.#inner.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#plain > 0) {
      this.#plain -= chunk.length;
      this.#inner.write(chunk, done);
    } else if (this.isOver) done();
    else this.#inner.write(this.#writer.frame(chunk), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#isEnding = true;
    // within a frame that was cut there is no close frame: the connection just ends
    if (this.#writer.midway) this.#inner.end();
    else this.sendClose(1000, '');
    this.#endIfDone();
    done();
  }
}
