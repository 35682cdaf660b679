import { ServerResponse, STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { checkRequest } from './check-request.ts';
import type { Named } from './check-request.ts';
import { Exchange } from './exchange.ts';
import type { Services } from './exchange.ts';
import type { Message } from './message.ts';
import { faultOf, MessageError } from './http-fault.ts';
import { MessageClock } from './message-clock.ts';
import type { MessageLimits, Phase } from './message-clock.ts';
import { parserError } from './parser-error.ts';

/** What takes its turn on a connection. */
type Turn = Pick<Exchange, 'start' | 'abort'> & Partial<Exchange>;

/** Requests that wait for their turn: with more of them nothing more is read, and with too many the connection ends. */
const MANY_WAITING = 16;
const TOO_MANY_WAITING = 256;

/** What a session needs beside its socket. */
export type SessionSettings = {
  named: Named;
  client: string | undefined;
  services: Services;
  limits: MessageLimits;
};

/**
 * The HTTP connection of one client. Its requests go on one at a time, in their order: a client that pipelines never has more than
 * one upstream connection. All of them end with it, at once, whatever their state: a response that waits for its turn never emits
 * 'close', so it is the socket that is watched.
 */
export class ClientSession {
  readonly #socket: TLSSocket;
  readonly #settings: SessionSettings;
  readonly #clock: MessageClock;
  readonly #waiting: Turn[] = [];
  #current: Turn | undefined;
  #last: IncomingMessage | undefined;
  /** nothing more is taken of the client */
  #ended = false;
  #upgraded = false;
  /** nothing is read: too much waits */
  #held = false;
  /** no turn comes any more */
  #aborted = false;

  constructor(socket: TLSSocket, settings: SessionSettings) {
    this.#socket = socket;
    this.#settings = settings;
    this.#clock = new MessageClock(settings.limits);
    socket.on('error', () => {});
    socket.once('close', () => this.#abort());
  }

  /**
   * A request has come; its body may be on its way.
   *
   * @param awaitsContinue its client sends the body only when it is told to
   */
  onRequest(incoming: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): void {
    this.#last = incoming;
    const onWhole = (): void => this.#clock.whole(this.#socket.bytesRead);
    if (incoming.complete) onWhole();
    else incoming.once('end', onWhole);
    const exchange = new Exchange(
      { ...this.#message(incoming, response), awaitsContinue },
      this.#settings.services,
    );
    response.once('close', () => (exchange.isSound ? this.#next() : this.#abort()));
    this.#add(exchange);
  }

  /** A request that asks for an upgrade: the server reads this connection no more. */
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
        // behind a refused upgrade a client's bytes are thrown away: left unread they would hide its end
        response.once('finish', () => socket.resume());
        exchange.start();
      },
      abort: () => exchange.abort(),
    });
  }

  /** The server's parser has given up: nothing more is read of this connection, and the request that it broke in fails. */
  onParserError(error: NodeJS.ErrnoException): void {
    if (this.#ended) return;
    const fault = parserError(error);
    if (fault === undefined) {
      if (!this.#socket.writable) this.#socket.destroy();
      return;
    }
    this.#ended = true;
    // the request whose body broke is the last one; those before it are whole
    if (this.#inBody() && this.#waiting.pop() === undefined) return this.#failCurrent(fault);
    this.refuse(fault);
  }

  /** Answers what was never a request, after those before it; nothing more is taken of the client. */
  refuse(error: MessageError): void {
    this.#ended = true;
    this.#add({ start: () => this.#refuse(error), abort: () => {} });
  }

  /**
   * Looks whether the client is too slow; it is told so, and its connection ends.
   *
   * @param now in ms
   * @returns what it was too slow with
   */
  look(now: number): 'header_timeout' | 'body_timeout' | undefined {
    if (this.#ended || this.#upgraded) return undefined;
    const fault = this.#clock.look(now, this.#phase(), this.#socket.bytesRead);
    if (fault === undefined) return undefined;
    this.#ended = true;
    const error = new MessageError(fault, 'the client is too slow');
    if (this.#inBody()) this.#failCurrent(error);
    else this.#refuse(error);
    return fault;
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

  /** Node reads on after every message, in a tick of its own: two ticks later it is known what holds. */
  #holdBack(): void {
    if (this.#waiting.length <= MANY_WAITING && !this.#held) return;
    process.nextTick(() => process.nextTick(() => this.#hold(this.#waiting.length > MANY_WAITING)));
  }

  #hold(holds: boolean): void {
    if (holds) this.#socket.pause();
    else if (this.#held) this.#socket.resume();
    this.#held = holds;
  }

  /** The request that is being read has failed. Where it was answered already, there is nothing more to say. */
  #failCurrent(error: MessageError): void {
    if (this.#current?.fail !== undefined) return this.#current.fail(error);
    this.#settings.services.onFault(error);
    this.#socket.destroy();
  }

  /** Answers what was never a request. */
  #refuse(error: MessageError): void {
    this.#settings.services.onFault(error);
    const { status } = error;
    const reason = STATUS_CODES[status] ?? '';
    this.#socket.write(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    this.#socket.destroySoon();
  }

  #abort(): void {
    this.#ended = true;
    this.#aborted = true;
    this.#waiting.length = 0;
    this.#current?.abort();
    this.#current = undefined;
  }
}
