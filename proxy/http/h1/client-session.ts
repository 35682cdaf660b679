import { ServerResponse, STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { checkRequest } from '../check-request.ts';
import type { Named } from '../check-request.ts';
import { Exchange } from './exchange.ts';
import type { Services } from './exchange.ts';
import { bytesTaken } from './framing-bytes.ts';
import type { Message } from './message.ts';
import { faultOf, MessageError } from '../http-fault.ts';
import { MessageClock } from '../message-clock.ts';
import type { MessageLimits, Phase } from '../message-clock.ts';
import { parserError } from './parser-error.ts';

/** Exchange or refusal that occupies a connection until it is answered. */
type Turn = Pick<Exchange, 'start' | 'abort'> & Partial<Exchange>;

/** Numbers of waiting requests at which reading stops and at which the connection ends. */
const MANY_WAITING = 16;
const TOO_MANY_WAITING = 256;

/** Dependencies of a session. */
export type SessionSettings = {
  named: Named;
  client: string | undefined;
  services: Services;
  limits: MessageLimits;
};

/**
 * HTTP connection of one client. Its requests are forwarded one at a time, in order: a client that pipelines never has more than
 * one upstream connection. When the socket closes, all of them end at once, whatever their state. The socket is watched, since a
 * response that waits for its turn never emits 'close'.
 */
export class ClientSession {
  readonly #socket: TLSSocket;
  readonly #settings: SessionSettings;
  readonly #clock: MessageClock;
  readonly #waiting: Turn[] = [];
  #current: Turn | undefined;
  #last: IncomingMessage | undefined;
  /** whether all further requests are ignored */
  #ended = false;
  #upgraded = false;
  /** whether reading is paused because too much waits */
  #held = false;
  /** whether no further request is started */
  #aborted = false;

  constructor(socket: TLSSocket, settings: SessionSettings) {
    this.#socket = socket;
    this.#settings = settings;
    this.#clock = new MessageClock(settings.limits);
    socket.on('error', () => {});
    socket.once('close', () => this.abort());
  }

  /**
   * Handles a request; its body may still be arriving.
   *
   * @param awaitsContinue whether the client waits for `100 Continue` before it sends the body
   */
  onRequest(incoming: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): void {
    this.#last = incoming;
    const onWhole = (): void => this.#clock.whole(bytesTaken(this.#socket));
    if (incoming.complete || !hasBody(incoming)) onWhole();
    else incoming.once('end', onWhole);
    const message = this.#message(incoming, response);
    message.awaitsContinue = awaitsContinue;
    const exchange = new Exchange(message, this.#settings.services);
    response.once('close', () => (exchange.isSound ? this.#next() : this.abort()));
    this.#add(exchange);
  }

  /** Handles a request for an upgrade: the HTTP server reads this connection no more. */
  onUpgrade(incoming: IncomingMessage, head: Buffer): void {
    const socket = this.#socket;
    const response = new ServerResponse(incoming);
    response.shouldKeepAlive = false;
    const onDrain = (): boolean => response.emit('drain');
    const exchange = new Exchange(
      { ...this.#message(incoming, response), upgrade: { socket, head } },
      this.#settings.services,
    );
    this.#upgraded = true;
    this.#add({
      start: () => {
        response.assignSocket(socket);
        socket.on('drain', onDrain);
        response.once('finish', () => socket.end());
        // after a refused upgrade the client's bytes are discarded: left unread they would hide its end
        response.once('finish', () => socket.resume());
        exchange.start();
      },
      abort: () => exchange.abort(),
    });
  }

  /** Handles a parser error of the server: reading has stopped, and the request in which it occurred fails. */
  onParserError(error: NodeJS.ErrnoException): void {
    if (this.#ended) return;
    const fault = parserError(error);
    if (fault === undefined) {
      if (!this.#socket.writable) this.#socket.destroy();
      return;
    }
    this.#ended = true;
    // the request whose body broke is the last one; those before it are complete
    if (this.#inBody() && this.#waiting.pop() === undefined) return this.#failCurrent(fault);
    this.refuse(fault);
  }

  /** Answers bytes that are no request, after the requests before them, and reads no more from the client. */
  refuse(error: MessageError): void {
    this.#ended = true;
    this.#add({ start: () => this.#refuse(error), abort: () => {} });
  }

  /**
   * Checks whether the client is too slow; if so, it is answered and its connection ends.
   *
   * @param now in ms
   * @returns the limit that was exceeded
   */
  look(now: number): 'header_timeout' | 'body_timeout' | undefined {
    if (this.#ended || this.#upgraded) return undefined;
    const fault = this.#clock.look(now, this.#phase(), bytesTaken(this.#socket));
    if (fault === undefined) return undefined;
    this.#ended = true;
    const error = new MessageError(fault, 'the client is too slow');
    if (this.#inBody()) this.#failCurrent(error);
    else this.#refuse(error);
    return fault;
  }

  /** Whether no request is under way, nor has begun. */
  get isIdle(): boolean {
    return this.#current === undefined && this.#waiting.length === 0 && !this.#inBody();
  }

  /** Ends all requests at once, whatever their state. Idempotent. */
  abort(): void {
    this.#ended = true;
    this.#aborted = true;
    this.#waiting.length = 0;
    this.#current?.abort();
    this.#current = undefined;
  }

  #message(incoming: IncomingMessage, response: ServerResponse): Message {
    const { named, client } = this.#settings;
    return { incoming, response, client, check: () => checkRequest(incoming, named) };
  }

  #inBody(): boolean {
    return this.#last !== undefined && !this.#last.complete;
  }

  #phase(): Phase {
    // an upstream that takes nothing holds its client back
    if (this.#inBody()) return this.#current?.awaitsBody === false ? 'none' : 'body';
    return this.#current === undefined ? 'header' : 'none';
  }

  #add(turn: Turn): void {
    if (this.#socket.destroyed || this.#aborted) return;
    if (this.#waiting.length >= TOO_MANY_WAITING) {
      this.#settings.services.onFault(new MessageError('too_many_waiting', 'too many requests wait'));
      return void this.#socket.destroy();
    }
    this.#waiting.push(turn);
    if (this.#current === undefined) this.#next();
    else this.#holdBack();
  }

  #next(): void {
    this.#current = this.#waiting.shift();
    try {
      this.#current?.start();
    } catch (error) {
      this.#settings.services.onFault(faultOf(error));
      this.#socket.destroy();
    }
    this.#holdBack();
  }

  /** Pauses reading. Node reads on after every message, in a later tick: the pause is certain only two ticks later. */
  #holdBack(): void {
    if (this.#waiting.length <= MANY_WAITING && !this.#held) return;
    process.nextTick(() => process.nextTick(() => this.#hold(this.#waiting.length > MANY_WAITING)));
  }

  #hold(holds: boolean): void {
    if (holds) this.#socket.pause();
    else if (this.#held) this.#socket.resume();
    this.#held = holds;
  }

  /** Fails the request that is being read. If it was answered already, there is nothing more to say. */
  #failCurrent(error: MessageError): void {
    if (this.#current?.fail !== undefined) return this.#current.fail(error);
    this.#settings.services.onFault(error);
    this.#socket.destroy();
  }

  /** Answers bytes that are no request. */
  #refuse(error: MessageError): void {
    this.#settings.services.onFault(error);
    const { status } = error;
    const reason = STATUS_CODES[status] ?? '';
    this.#socket.write(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    this.#socket.destroySoon();
  }
}

/** Whether a body is announced; without one a message ends with its head, though Node tells that later. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}
