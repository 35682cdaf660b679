import type net from 'node:net';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import type { ConnectionSeen } from '../journal/entry.ts';
import type { ExpectedHeaders, HttpRequest, HttpResponse, Pace } from '../scenario/step.ts';
import type { Seen } from '../scenario/expectations.ts';
import type { Side } from '../scenario/trigger.ts';
import type { SampleRequest } from '../scenario/sample-request.ts';
import { HttpBody } from './transports/http/http-body.ts';
import { HttpClient } from './transports/http/http-client.ts';
import { HttpExchange } from './transports/http/http-server.ts';
import { TransportRefused, type Pipe } from './transports/pipe.ts';
import { Tls12Client } from './transports/tls/tls12-client.ts';
import { HttpAnswers, mustHave, sendRequest, sendResponse } from './http-steps.ts';
import { beginningWith, patternAt } from './pattern.ts';
import { PatternCheck } from './pattern-check.ts';
import { type Round, StepFailure } from './round.ts';

/** Largest single write: big enough for speed, small enough that back-pressure shows soon. */
const CHUNK = 65_521;

/** Most that a `flood` writes: an end for a scenario that would otherwise never stop. */
const FLOOD_LIMIT = 256 * 1024 * 1024;

/**
 * One connection as one actor holds it: it does what the script says and notes what the peer does.
 * It never ends by itself: what a script leaves open stays open until the release.
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
  /** who the upstream was told that its client is, in a PROXY header */
  announced: string | undefined;
  /** who the client says it is */
  source: string | undefined;
  /** where a client has connected to, and what a header says of that */
  destination: string | undefined;
  announcedTo: string | undefined;
  #pipe: Pipe | undefined;
  #sent = 0;
  /** bytes sent before the message under way: the pattern begins anew with each */
  #sentBefore = 0;
  /** where the pattern of what is sent begins */
  readonly #beginning: number;
  readonly #check = new PatternCheck();
  #answers: HttpAnswers | undefined;
  #receivedAtAsk = 0;
  /** bytes outside the pattern that were sent */
  #raw = 0;
  #sentAtEnd: number | undefined;
  #expected = 0;
  #closed = false;
  #ports: { localPort?: number; remotePort?: number } = {};
  isTakenOver = false;
  /** aborts the script when a fault takes the connection over, or the round is aborted */
  readonly #script = new AbortController();

  /** @param pipe absent while the transport is being set up: see {@link setUp} */
  constructor(actor: Side, number: number, socket: net.Socket, round: Round, pipe: Pipe | undefined) {
    this.actor = actor;
    this.number = number;
    this.#beginning = beginningWith(2 * number + (actor === 'client' ? 0 : 1));
    this.socket = socket;
    this.round = round;
    const onAbort = (): void => {
      this.#script.abort(round.signal.reason);
    };
    round.signal.addEventListener('abort', onAbort, { once: true });
    socket.once('close', () => {
      round.signal.removeEventListener('abort', onAbort);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#see(seenFrom(error));
      this.round.changed();
    });
    socket.on('close', () => {
      this.#closed = true;
      this.round.changed();
    });
    if (pipe) this.#attach(pipe);
    this.notePorts();
  }

  /**
   * Waits for the transport. False: the peer has ended it first, and how is noted as what it did to the connection.
   * Rejects with {@link StepFailure} after `deadline` ms, and where the peer speaks something else.
   */
  async setUp(opening: Promise<Pipe>, deadline: number): Promise<boolean> {
    let failed = false;
    let wrong: StepFailure | undefined;
    opening.then(
      (pipe) => {
        // at once: what the pipe emits next must not be missed
        this.#attach(pipe);
        this.round.changed();
      },
      (error: unknown) => {
        failed = true;
        if (error instanceof StepFailure) wrong = error;
        else
          this.#see(
            error instanceof TransportRefused ? error.seen : seenFrom(error as NodeJS.ErrnoException),
          );
        this.round.changed();
      },
    );
    const settled = (): boolean => this.#pipe !== undefined || failed || this.hasEnded;
    await this.round.until('set up the transport', settled, deadline, this.signal);
    if (wrong !== undefined) throw wrong;
    return this.#pipe !== undefined;
  }

  #attach(pipe: Pipe): void {
    this.#pipe = pipe;
    pipe.on('data', (chunk: Buffer) => {
      this.#onData(chunk);
    });
    pipe.on('end', () => {
      this.#see('end');
      if (this.did === 'nothing') this.round.halfClosed++;
      this.round.changed();
    });
    // reading a head has left its stream paused
    pipe.resume();
    if (pipe === this.socket) return;
    pipe.on('error', (error: NodeJS.ErrnoException) => {
      this.#see(seenFrom(error));
      this.round.changed();
    });
    pipe.on('seen', (what: Seen) => {
      this.#see(what);
      this.round.changed();
    });
    pipe.on('aborted', () => {
      // the request had come whole, so an end was seen; what counts is that its answer was not waited for
      if (this.did === 'nothing' || this.did === 'half-closed') this.seen = 'aborted';
      this.round.changed();
    });
    pipe.on('message', () => {
      if (pipe instanceof HttpClient) this.#check.restartAt(pipe.delivered);
    });
    pipe.on('progress', () => {
      this.round.changed();
    });
  }

  /** Script and waits of this connection end when this signal is aborted. */
  get signal(): AbortSignal {
    return this.#script.signal;
  }

  /** What the peer says is its own, and no pattern of ours. */
  takeAnyBytes(): void {
    this.#check.isOff = true;
  }

  get isOpen(): boolean {
    return !this.#closed && !this.socket.destroyed;
  }

  notePorts(): void {
    const { localPort, remotePort } = this.socket;
    if (localPort !== undefined)
      this.#ports = { localPort, ...(remotePort === undefined ? {} : { remotePort }) };
  }

  /** Writes patterned bytes and waits until the kernel has taken them all; with a pace, no faster than that. */
  async send(bytes: number, deadline: number, pace?: Pace): Promise<void> {
    if (pace === undefined) return this.#sendAll(bytes, deadline);
    for (let left = bytes; left > 0; left -= pace.bytes) {
      await this.#sendAll(Math.min(left, pace.bytes), deadline);
      await this.#rest(pace);
    }
  }

  #rest({ every }: Pace): Promise<void> {
    return this.round.waitFor({ state: 'time', ms: every }, every, this.signal);
  }

  async #sendAll(bytes: number, deadline: number): Promise<void> {
    const end = this.#sent + bytes;
    let pending = 0;
    const signal = this.signal;
    // one clock for all of it: a peer that takes a little at a time must not make this last for ever
    const clock = this.round.clock(deadline);
    while (this.#sent < end) {
      if (!this.isOpen) throw new StepFailure(`could not send: ${this.state}`);
      pending++;
      this.pipe.write(this.#nextChunk(end - this.#sent), () => {
        pending--;
        this.round.changed();
      });
      // a bounded number of writes under way: one at a time would be slow, all at once would hide back-pressure
      const most = this.#sent < end ? 4 : 0;
      await this.round.until(`send ${bytes} bytes`, () => pending <= most || !this.isOpen, clock, signal);
    }
    if (!this.isOpen && this.seen !== 'none' && this.seen !== 'end') {
      throw new StepFailure(`could not send: ${this.state}`);
    }
  }

  /** The next bytes of the pattern, which count as sent. */
  #nextChunk(most = CHUNK): Buffer {
    const offset = this.#sent - this.#sentBefore;
    const chunk = patternAt(this.#beginning, offset, Math.min(CHUNK, most));
    this.#sent += chunk.length;
    return chunk;
  }

  /** Writes as fast as it is taken, in the background, until the connection or the message under way ends. */
  flood(): void {
    const { pipe } = this;
    // a message with a content-length takes no more than that
    const owed = (): number =>
      pipe instanceof HttpBody && pipe.hasLength ? pipe.owed : FLOOD_LIMIT - this.#sent;
    const more = (): void => {
      while (this.isOpen && this.did === 'nothing' && owed() > 0) {
        if (!pipe.write(this.#nextChunk(owed()))) return;
      }
    };
    this.pipe.on('drain', more);
    more();
  }

  /**
   * Waits until `bytes` more have come. An end of the connection before that is a failure at once; of a target that is no transparent pipe any bytes
   * will do, since their number is its own affair.
   */
  async expect(bytes: number, deadline: number): Promise<void> {
    const before = this.received;
    this.#expected += bytes;
    const wanted = this.#expected;
    const arrived = (): boolean => this.received >= wanted;
    const what = `expect ${bytes} bytes (${before} of ${wanted} so far)`;
    const waiting = this.round.until(what, () => arrived() || this.hasEnded, deadline, this.signal);
    await waiting.catch((error: unknown) => {
      if (!(error instanceof StepFailure) || !this.#mayDiffer) throw error;
    });
    if (!arrived() && !this.#mayDiffer)
      throw new StepFailure(`expected ${wanted} bytes, got ${this.received}: ${this.state}`);
  }

  async expectEnding(ending: 'end' | 'reset' | 'closed', deadline: number): Promise<void> {
    await this.round.until(`expect ${ending}`, () => this.hasEnded, deadline, this.signal);
    if (ending !== 'closed' && this.seen !== ending)
      throw new StepFailure(`expected ${ending}: ${this.state}`);
  }

  /** Sends a request; what its content-length promises beyond the body is owed. */
  async request(request: HttpRequest, deadline: number): Promise<void> {
    const http = this.#http(HttpClient);
    this.#sentBefore = this.#sent;
    await sendRequest(this, http, request, deadline);
  }

  /** Sends a response, or an interim one. */
  async respond(response: HttpResponse, deadline: number): Promise<void> {
    await sendResponse(this, this.#http(HttpExchange), response, deadline);
  }

  /** The answers of an HTTP client's script. */
  get answers(): HttpAnswers {
    this.#answers ??= new HttpAnswers(this, this.#http(HttpClient));
    return this.#answers;
  }

  /** Sends the route's sample; a server that has ended the connection after an answer is not asked again. */
  async ask(sample: SampleRequest, deadline: number): Promise<void> {
    this.#receivedAtAsk = this.received;
    if (sample === undefined || this.hasEnded) return;
    if (typeof sample === 'string') await this.write(Buffer.from(sample, 'latin1'), deadline);
    else await this.request(sample, deadline);
  }

  /** Waits for the answer to {@link ask}: over bytes the first of them. */
  async expectAnswer(sample: SampleRequest, deadline: number): Promise<void> {
    if (sample === undefined) return;
    if (typeof sample !== 'string') return this.answers.expectAny(deadline);
    const answered = (): boolean => this.received > this.#receivedAtAsk;
    const settled = (): boolean => answered() || this.hasEnded;
    await this.round.until('expect an answer', settled, deadline, this.signal);
    if (!answered() && this.received === 0)
      throw new StepFailure(`expected an answer, none came: ${this.state}`);
  }

  async expectRequest(deadline: number, headers?: ExpectedHeaders): Promise<void> {
    const http = this.#http(HttpExchange);
    const settled = (): boolean => http.isRequested || this.hasEnded;
    await this.round.until('expect a request', settled, deadline, this.signal);
    if (!http.isRequested) throw new StepFailure(`expected a whole request: ${this.state}`);
    mustHave('the request', http.head, headers);
  }

  /** Writes bytes that are not of the pattern, and waits until the kernel has taken them. What answers them is not compared with it either. */
  async write(bytes: Buffer, deadline: number): Promise<void> {
    // an answer as it stands in the script, however wrong
    if (this.#pipe instanceof HttpExchange) return this.#pipe.answerWith(bytes);
    let taken = false;
    this.takeAnyBytes();
    this.#sent += bytes.length;
    this.#sentBefore += bytes.length;
    this.#raw += bytes.length;
    this.pipe.write(bytes, () => {
      taken = true;
      this.round.changed();
    });
    await this.round.until('write', () => taken || !this.isOpen, deadline, this.signal);
    if (!taken) throw new StepFailure(`could not write: ${this.state}`);
  }

  /** The same, no faster than this. */
  async writeAtPace(bytes: Buffer, deadline: number, pace: Pace): Promise<void> {
    for (let at = 0; at < bytes.length; at += pace.bytes) {
      await this.write(bytes.subarray(at, at + pace.bytes), deadline);
      await this.#rest(pace);
    }
  }

  /** Another TLS handshake on the connection; waits until it is done, or the peer has ended the connection for it. */
  async renegotiate(servername: string | false, deadline: number): Promise<void> {
    const pipe = this.#pipe;
    if (!(pipe instanceof Tls12Client)) throw new StepFailure('could not renegotiate: no TLS 1.2');
    const before = pipe.handshakes;
    pipe.begin(servername);
    const done = (): boolean => pipe.handshakes > before || this.hasEnded;
    await this.round.until('renegotiate', done, deadline, this.signal);
  }

  halfClose(): void {
    if (this.did !== 'nothing') return;
    this.did = 'half-closed';
    (this.#pipe ?? this.socket).end();
  }

  /** FIN, then waits for the peer's. */
  async close(deadline: number): Promise<void> {
    this.halfClose();
    this.did = 'closed';
    this.resume();
    await this.round.until('close', () => this.#closed || this.hasEnded, deadline, this.signal);
  }

  abandon(): void {
    if (this.isOpen) this.did = 'abandoned';
    this.socket.destroy();
  }

  reset(): void {
    if (this.isOpen) this.did = 'reset';
    this.socket.resetAndDestroy();
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
    this.#script.abort(new StepFailure('taken over by a fault'));
  }

  /** Lets go at the release, or at teardown. */
  release(): void {
    this.socket.destroy();
  }

  describe(): ConnectionSeen {
    return {
      actor: this.actor,
      round: this.round.number,
      connection: this.number,
      seen: this.seen,
      did: this.did,
      sent: this.#sent,
      ...(this.#sentAtEnd === undefined ? {} : { sentAtEnd: this.#sentAtEnd }),
      received: this.received,
      ...(this.#raw === 0 ? {} : { raw: this.#raw }),
      ...(this.#check.wrong === undefined ? {} : { wrong: this.#check.wrong }),
      ...this.#ports,
      ...(this.announced === undefined ? {} : { announced: this.announced }),
      ...(this.announcedTo === undefined ? {} : { announcedTo: this.announcedTo }),
      ...(this.source === undefined ? {} : { source: this.source }),
      ...(this.destination === undefined ? {} : { destination: this.destination }),
      ...(this.failure ? { failure: this.failure } : {}),
    };
  }

  #onData(chunk: Buffer): void {
    this.#check.push(chunk);
    this.received += chunk.length;
    this.round.received += chunk.length;
    this.round.changed();
  }

  /** How many bytes come is not the script's to say, and some have come. */
  get #mayDiffer(): boolean {
    return !this.round.isTransparent && this.received > 0;
  }

  private get pipe(): Pipe {
    if (!this.#pipe) throw new StepFailure(`the transport is not set up: ${this.state}`);
    return this.#pipe;
  }

  #http<T extends HttpClient | HttpExchange>(kind: new (...args: never[]) => T): T {
    if (this.#pipe instanceof kind) return this.#pipe;
    throw new LastfinError(
      'LASTFIN_SCENARIO_INVALID',
      `an HTTP step of the ${this.actor}, which does not speak HTTP`,
    );
  }

  #see(what: Seen): void {
    // the first thing the peer did is what counts; an error after our own reset or close is its echo
    if (this.seen !== 'none' || this.did === 'reset' || this.did === 'abandoned') return;
    this.seen = what;
    if (this.actor === 'client') this.round.ended++;
    this.#sentAtEnd = this.#sent;
  }

  /** The peer has ended the connection, or it is closed. */
  get hasEnded(): boolean {
    return this.seen !== 'none' || this.#closed;
  }

  /** State of the connection in words. */
  get state(): string {
    return this.seen === 'none'
      ? this.#closed
        ? 'the connection is closed'
        : 'the connection is open'
      : `saw ${this.seen}`;
  }
}

function seenFrom(error: NodeJS.ErrnoException): Seen {
  switch (error.code) {
    case 'ECONNRESET':
      // Node's own word for a FIN in the middle of a handshake: no system call has failed
      return error.errno === undefined ? 'end' : 'reset';
    case 'EPIPE':
      // EPIPE is how a write learns of the RST that came before it
      return 'reset';
    case 'ECONNREFUSED':
      return 'refused';
    case 'ETIMEDOUT':
      return 'timeout';
    default:
      return error.code ?? error.message;
  }
}
