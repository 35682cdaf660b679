import type net from 'node:net';

import { dropUndefined } from '../../shared/drop-undefined.ts';
import type { ConnectionSeen } from '../journal/entry.ts';
import type { Pace } from '../scenario/step.ts';
import type { Seen } from '../scenario/expectations.ts';
import type { Side } from '../scenario/trigger.ts';
import { h2Of } from './transports/h2/h2-of.ts';
import type { H2Pipe } from './transports/h2/h2-pipe.ts';
import { answers, asks } from './transports/http/http-peer.ts';
import { type Pipe, takesNoMore } from './transports/pipe.ts';
import { awaitPipe } from './await-pipe.ts';
import { describeConnection, type Ports } from './timeline/describe-connection.ts';
import { expectBytes } from './expect-bytes.ts';
import { HttpScript } from './http/http-script.ts';
import { PatternCheck } from './pattern-check.ts';
import { PatternSender } from './pattern-sender.ts';
import { type Round } from './round.ts';
import { StepFailure } from './round-services.ts';
import { seenFrom } from './seen-from.ts';
import { share, takeOthersAlong } from './sharing/sharers.ts';
import { type Before, type ConnectionTimeline, timelineOf } from './timeline/connection-timeline.ts';

type Start = { pipe: Pipe | undefined; before?: Before | undefined };

/**
 * Holds one end of a connection for an actor: it does what the script says and notes what the peer does.
 * Nothing ends it but its script and the release: a connection that a script leaves open stays open until then.
 * `socket` is the TCP connection; the script's bytes go through the pipe of the transport over it.
 */
export class ActorConnection {
  readonly actor: Side;
  readonly number: number;
  readonly socket: net.Socket;
  readonly round: Round;
  seen: Seen = 'none';
  did: ConnectionSeen['did'] = 'nothing';
  received = 0;
  failure: ConnectionSeen['failure'];
  /** address that a PROXY header gave the upstream as its client's */
  announced: string | undefined;
  /** address that the client gives as its own in a PROXY header */
  source: string | undefined;
  /** address that a client has connected to; `announcedTo`: as a PROXY header has it */
  destination: string | undefined;
  announcedTo: string | undefined;
  #pipe: Pipe | undefined;
  readonly #sender: PatternSender;
  readonly #check = new PatternCheck();
  #script: HttpScript | undefined;
  #sentAtEnd: number | undefined;
  #expected = 0;
  #closed = false;
  #ports: Ports = {};
  isTakenOver = false;
  /** moments of its life; undefined for most connections of a large round */
  readonly timeline: ConnectionTimeline | undefined;
  /** aborts the script when a fault takes the connection over, or the round is aborted */
  readonly #ended = new AbortController();

  /** @param start `pipe` is absent while the transport is being set up: see {@link setUp} */
  constructor(actor: Side, number: number, socket: net.Socket, round: Round, { pipe, before }: Start) {
    this.actor = actor;
    this.number = number;
    this.timeline = timelineOf(socket, { number, count: round.count }, before);
    this.#sender = new PatternSender(this, 2 * number + (actor === 'client' ? 0 : 1));
    this.socket = socket;
    this.round = round;
    const onAbort = (): void => {
      this.#ended.abort(round.signal.reason);
    };
    share(socket, this);
    round.signal.addEventListener('abort', onAbort, { once: true });
    socket.on('error', (error) => this.#sees(seenFrom(error)));
    socket.on('close', () => {
      round.signal.removeEventListener('abort', onAbort);
      this.#closed = true;
      this.round.changed();
    });
    if (pipe) this.#attach(pipe, before?.established);
    this.notePorts();
  }

  /** Waits for the transport: see {@link awaitPipe}. */
  setUp(opening: Promise<Pipe>, deadline: number): Promise<boolean> {
    const attach = (pipe: Pipe): void => this.#attach(pipe);
    return awaitPipe(this, opening, { deadline, attach, see: (what) => this.#see(what) });
  }

  #attach(pipe: Pipe, established?: number): void {
    this.#pipe = pipe;
    // a plain client is not connected yet
    if (!this.socket.connecting) this.timeline?.note('established', {}, established);
    if (answers(pipe)) this.timeline?.note('first-byte');
    pipe.on('data', (chunk: Buffer) => this.#onData(chunk));
    pipe.on('end', () => {
      this.#see('end');
      if (this.did === 'nothing') this.round.halfClosed++;
      this.round.changed();
    });
    // reading a head has left its stream paused
    pipe.resume();
    if (pipe === this.socket) return;
    pipe.on('error', (error) => this.#sees(seenFrom(error)));
    pipe.on('seen', (what: Seen) => this.#sees(what));
    pipe.on('aborted', (what: Seen = 'aborted') => {
      // the request had come whole, so an end was seen; what counts is that its answer was not waited for
      if (this.did === 'nothing' || this.did === 'half-closed') this.seen = what;
      this.#sentAtEnd = this.#sender.sent;
      this.round.changed();
    });
    pipe.on('message', () => {
      this.timeline?.note('first-byte');
      if (asks(pipe)) this.#check.restartAt(pipe.delivered);
    });
    pipe.on('mixed', () => this.takeAnyBytes());
    pipe.on('progress', () => this.round.changed());
  }

  /** Script and waits of this connection end when this signal is aborted. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Takes the peer's bytes as they come: they are its own, and follow no pattern. */
  takeAnyBytes(): void {
    this.#check.isOff = true;
  }

  get isOpen(): boolean {
    return !this.#closed && !this.socket.destroyed;
  }

  /** Whether the connection still takes bytes: over h2 its current stream, as a WebSocket before its close frame. */
  get canSend(): boolean {
    return this.isOpen && !takesNoMore(this.#pipe);
  }

  /** Whether it is a stream of a connection, and not over. */
  get isOnStream(): boolean {
    return this.#h2?.isOver === false;
  }

  get #h2(): H2Pipe | undefined {
    return h2Of(this.#pipe);
  }

  notePorts(): void {
    const { localPort, remotePort } = this.socket;
    if (localPort !== undefined) this.#ports = dropUndefined({ localPort, remotePort });
  }

  /** Writes patterned bytes and waits until the kernel has taken them all; with a pace, no faster than that. */
  send(bytes: number, deadline: number, pace?: Pace): Promise<void> {
    return this.#sender.send(bytes, deadline, pace);
  }

  /** Writes as fast as it is taken, in the background, until the connection or the message under way ends. */
  flood(): void {
    this.#sender.flood();
  }

  /** Waits until `bytes` more have come: see {@link expectBytes}. */
  async expect(bytes: number, deadline: number): Promise<void> {
    this.expects(bytes);
    await expectBytes(this, { bytes, wanted: this.#expected }, deadline);
  }

  /** Counts bytes among those that steps have waited for. */
  expects(bytes: number): void {
    this.#expected += bytes;
  }

  /** Steps of HTTP, and of asking a route. */
  get http(): HttpScript {
    this.#script ??= new HttpScript(this);
    return this.#script;
  }

  /** A message of the script begins: the pattern of its body, too. */
  beginMessage(): void {
    this.#sender.beginMessage();
  }

  /** Writes bytes that are not of the pattern, and waits until the kernel has taken them. What answers them is not compared with it either. */
  async write(bytes: Buffer, deadline: number, pace?: Pace): Promise<void> {
    if (!(this.#pipe && answers(this.#pipe))) this.takeAnyBytes();
    await this.#sender.write(bytes, deadline, pace);
  }

  halfClose(): void {
    if (this.did !== 'nothing' && this.did !== 'cancelled') return;
    if (this.did === 'nothing') this.did = 'half-closed';
    const stream = this.#pipe ?? this.socket;
    stream.end();
    this.timeline?.ends(stream);
  }

  /** FIN, then waits for the peer's. */
  async close(deadline: number): Promise<void> {
    this.halfClose();
    // a body that was cut short stays so
    if (this.did !== 'cancelled') this.did = 'closed';
    this.resume();
    const isOver = (): boolean => this.#closed || this.hasEnded || (this.#h2?.hasLeft ?? false);
    await this.round.until('close', isOver, deadline, this.signal);
  }

  abandon(): void {
    if (this.#cutsStream('abandoned')) return;
    if (this.isOpen) this.did = 'abandoned';
    takeOthersAlong(this.socket, this);
    this.socket.destroy();
  }

  reset(): void {
    if (this.#cutsStream('reset')) return;
    if (this.isOpen) {
      this.did = 'reset';
      this.timeline?.note('rst-sent');
    }
    takeOthersAlong(this.socket, this);
    this.socket.resetAndDestroy();
  }

  /** Resets the stream of a WebSocket whose connection is the target's, and others use: RST_STREAM is its RST (RFC 8441, 5). */
  #cutsStream(did: ConnectionSeen['did']): boolean {
    const stream = this.#h2;
    if (stream === undefined || !stream.standsAlone) return false;
    if (!stream.isOver) this.did = did;
    stream.cancel('cancel');
    return true;
  }

  stall(): void {
    (this.#pipe ?? this.socket).pause();
  }

  resume(): void {
    (this.#pipe ?? this.socket).resume();
  }

  /** Stops the script: from here on a fault acts on the connection. */
  takeOver(): void {
    this.isTakenOver = true;
    this.#ended.abort(new StepFailure('taken over by a fault'));
  }

  /** Lets go at the release, or at teardown. */
  release(): void {
    this.socket.destroy();
  }

  describe(): ConnectionSeen {
    return describeConnection(this, {
      sender: this.#sender,
      sentAtEnd: this.#sentAtEnd,
      wrong: this.#check.wrong,
      ports: this.#ports,
    });
  }

  #onData(chunk: Buffer): void {
    if (this.received === 0) this.timeline?.note('first-byte');
    this.#check.push(chunk);
    this.received += chunk.length;
    this.round.received += chunk.length;
    this.round.changed();
  }

  get pipe(): Pipe {
    if (!this.#pipe) throw new StepFailure(`the transport is not set up: ${this.state}`);
    return this.#pipe;
  }

  #sees(what: Seen): void {
    this.#see(what);
    this.round.changed();
  }

  #see(what: Seen): void {
    // the first thing the peer did is what counts; an error after our own reset or close is its echo
    if (this.seen !== 'none' || this.did === 'reset' || this.did === 'abandoned') return;
    this.seen = what;
    if (this.actor === 'client') this.round.ended++;
    this.#sentAtEnd = this.#sender.sent;
  }

  /** The peer has ended the connection, or it is closed. */
  get hasEnded(): boolean {
    return this.seen !== 'none' || this.#closed;
  }

  /** State of the connection in words. */
  get state(): string {
    if (this.seen !== 'none') return `saw ${this.seen}`;
    return this.#closed ? 'the connection is closed' : 'the connection is open';
  }
}
