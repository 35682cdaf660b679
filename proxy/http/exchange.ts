import { request } from 'node:http';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { checkAnswer } from './check-answer.ts';
import type { CheckedRequest } from './check-request.ts';
import { FramingBytes } from './framing-bytes.ts';
import { forwardedHeaders } from './headers.ts';
import { MessageError } from './http-fault.ts';
import { joinUpgraded } from './join-upgraded.ts';

/** What an exchange needs of the proxy. */
export type Services = {
  /** a connection to an upstream, for one request: a pool of them would have to be emptied, and is where proxies leak */
  connect(signal: AbortSignal): Promise<Socket>;
  /** a message has failed: count it and log it */
  onFault(error: MessageError): void;
};

/** A message of a client, as Node's server gives it. */
export type Message = {
  incoming: IncomingMessage;
  response: ServerResponse;
  client: string | undefined;
  /** checks what was asked for; its error is answered */
  check(): CheckedRequest;
  /** an upgrade: the client's socket, and what it has sent behind its request */
  upgrade?: { socket: Socket; head: Buffer };
};

/** RFC 9110, 15.2: any number of them may come before the answer; nobody needs more than these. */
const MAX_INTERIM = 100;
/** The one protocol that an upgrade is passed on for: h2c and others would go past every check of a request. */
const WEBSOCKET = 'websocket';

/**
 * A request on its way to the upstream and its answer on its way back, both streamed. Whatever is thrown in it ends it, and nothing
 * else: the client gets an error of a gateway or a cut, and both sockets are let go.
 */
export class Exchange {
  readonly #message: Message;
  readonly #services: Services;
  readonly #left = new AbortController();
  #upstream: Socket | undefined;
  #outgoing: ClientRequest | undefined;
  #over = false;

  constructor(message: Message, services: Services) {
    this.#message = message;
    this.#services = services;
  }

  /** Whether the client is waited for; a request that its upstream does not take holds the client back. */
  get awaitsBody(): boolean {
    return !this.#message.incoming.complete && this.#outgoing?.writableNeedDrain === false;
  }

  /** Sends the request on. */
  start(): void {
    this.#guard(() => {
      const checked = this.#message.check();
      // it would have come in what is behind the request, and its end could not be told
      if (checked.hasBody && this.#message.upgrade !== undefined) {
        throw new MessageError('bad_request', 'an upgrade with a body');
      }
      const { connect } = this.#services;
      // a client may have left in the very moment of the connect
      connect(this.#left.signal).then(
        (socket) => this.#guard(() => (this.#over ? socket.destroy() : this.#forward(checked, socket))),
        (error: unknown) => this.fail(new MessageError('no_upstream', String(error))),
      );
    });
  }

  /** The client has left: takes the upstream along. */
  abort(): void {
    this.#over = true;
    this.#left.abort();
    this.#outgoing?.destroy();
    this.#upstream?.destroy();
  }

  /** Ends the exchange; what has been answered so far is cut, so that it never looks whole. */
  fail(error: MessageError): void {
    if (this.#over) return;
    this.abort();
    const { incoming, response } = this.#message;
    this.#services.onFault(error);
    if (response.headersSent) return void response.destroy();
    incoming.unpipe().resume();
    // the connection goes on after the answer only if nothing of the request is left on it
    response.writeHead(error.status, { connection: 'close', 'content-length': 0 }).end();
  }

  /** The one place through which everything goes that a message can set off. */
  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.fail(error instanceof MessageError ? error : new MessageError('handler_failed', String(error)));
    }
  }

  #forward(checked: CheckedRequest, socket: Socket): void {
    const { incoming, upgrade, client } = this.#message;
    this.#upstream = socket;
    const asksFor = (incoming.headers.upgrade ?? '').toLowerCase();
    const mayUpgrade = checked.method === 'GET' && incoming.httpVersion === '1.1';
    const upgrades = upgrade !== undefined && mayUpgrade && asksFor === WEBSOCKET;
    const hop = upgrades ? ['Connection', 'Upgrade', 'Upgrade', WEBSOCKET] : ['Connection', 'close'];
    const outgoing = request({
      createConnection: () => socket,
      method: checked.method,
      path: checked.target,
      headers: [...forwardedHeaders(incoming.rawHeaders, checked.host, client), ...checked.framing, ...hop],
    });
    this.#outgoing = outgoing;
    // none may be left out: one of them could be the length of the body
    outgoing.maxHeadersCount = 0;
    outgoing.on('error', (error) => this.fail(new MessageError('bad_answer', String(error))));
    this.#boundInterim(outgoing);
    outgoing.on('response', (answer) => this.#guard(() => this.#answer(answer, socket)));
    if (upgrades) {
      outgoing.on('upgrade', (answer, upstream, early) =>
        this.#guard(() => joinUpgraded(this.#message, answer, { upstream, early, protocol: WEBSOCKET })),
      );
    }
    this.#sendBody(checked, outgoing);
  }

  #sendBody({ hasBody, framing }: CheckedRequest, outgoing: ClientRequest): void {
    const { incoming } = this.#message;
    if (!hasBody) return void outgoing.end();
    if (framing.includes('chunked')) this.#boundFraming();
    // an upstream may answer before the body comes, so it is told at once
    if (incoming.headers.expect !== undefined) outgoing.flushHeaders();
    incoming.pipe(outgoing);
    // whoever answers early reads no more of the request: left unread it would hide that the client leaves
    outgoing.once('close', () => incoming.unpipe(outgoing).resume());
  }

  #boundFraming(): void {
    const { incoming } = this.#message;
    const { socket } = incoming;
    const framing = new FramingBytes(() => socket.bytesRead);
    incoming.on('data', ({ length }: Buffer) => {
      if (!framing.isExcessive(length, incoming.readableLength)) return;
      this.fail(new MessageError('bad_request', 'a chunked body that is mostly extensions', 413));
    });
  }

  #boundInterim(outgoing: ClientRequest): void {
    let count = 0;
    outgoing.on('information', () => {
      count += 1;
      if (count > MAX_INTERIM) this.fail(new MessageError('bad_answer', 'too many interim answers'));
    });
  }

  #answer(answer: IncomingMessage, socket: Socket): void {
    const { response, upgrade } = this.#message;
    const { status, reason, headers } = checkAnswer(answer);
    response.writeHead(status, reason, headers);
    // a plain pipe() would keep the upstream of a client that leaves, and the client of an upstream that dies
    pipeline(answer, response, () => {
      // a refused upgrade may leave its connection open for more requests, of which there will be none
      if (upgrade !== undefined) socket.destroy();
    });
  }
}
