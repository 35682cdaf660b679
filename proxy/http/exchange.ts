import { request, STATUS_CODES } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { checkAnswer, checkInterim } from './check-answer.ts';
import type { CheckedRequest } from './check-request.ts';
import { FramingBytes } from './framing-bytes.ts';
import { forwardedHeaders } from './headers.ts';
import { faultOf, MessageError } from './http-fault.ts';
import { joinUpgraded } from './join-upgraded.ts';
import type { Message } from './message.ts';

/** What an exchange needs of the proxy. */
export type Services = {
  /** a connection to an upstream, for one request: a pool of them would have to be emptied, and is where proxies leak */
  connect(signal: AbortSignal): Promise<Socket>;
  /** a message has failed: count it and log it */
  onFault(error: MessageError): void;
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
  #answer: IncomingMessage | undefined;
  /** of a chunked body; counts from the tick in which the request has come */
  readonly #framing: FramingBytes | undefined;
  #over = false;

  /** To be made in the tick in which the request has come. */
  constructor(message: Message, services: Services) {
    this.#message = message;
    this.#services = services;
    const { headers, socket } = message.incoming;
    const isChunked = headers['transfer-encoding'] !== undefined;
    this.#framing = isChunked ? new FramingBytes(() => socket.bytesRead) : undefined;
  }

  /**
   * Whether the client is waited for. A request that its upstream does not take holds the client back; one that is answered while it
   * still comes is a conversation, in which both may be silent.
   */
  get awaitsBody(): boolean {
    if (this.#answer !== undefined) return false;
    return !this.#message.incoming.complete && this.#outgoing?.writableNeedDrain === false;
  }

  /** Whether it came to its end: behind one that did not, nothing on its connection is a request. */
  get isSound(): boolean {
    return !this.#over;
  }

  /** Sends the request on. */
  start(): void {
    this.#guard(() => {
      const checked = this.#message.check();
      // it would have come in what is behind the request, and its end could not be told
      if (checked.hasBody && this.#message.upgrade !== undefined) {
        throw new MessageError('bad_request', 'an upgrade with a body');
      }
      if (this.#message.awaitsContinue === true) this.#message.response.writeContinue();
      // a client may have left in the very moment of the connect
      this.#services.connect(this.#left.signal).then(
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
    if (response.headersSent) return void incoming.socket.destroy();
    incoming.unpipe().resume();
    const { status } = error;
    try {
      // the connection goes on after the answer only if nothing of the request is left on it
      const headers = { connection: 'close', 'content-length': 0 };
      response.writeHead(status, STATUS_CODES[status] ?? '', headers).end();
    } catch {
      incoming.socket.destroy();
    }
  }

  /** The one place through which everything goes that a message can set off. */
  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.fail(faultOf(error));
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
    outgoing.on('error', (error) => this.#onBroken(new MessageError('bad_answer', String(error))));
    outgoing.once('close', () => this.#onBroken(undefined));
    this.#boundInterim(outgoing);
    outgoing.on('response', (answer) => this.#guard(() => this.#passBack(answer, socket)));
    if (upgrades) {
      outgoing.on('upgrade', (answer, upstream, early) =>
        this.#guard(() => {
          this.#answer = answer;
          joinUpgraded(this.#message, answer, { upstream, early, protocol: WEBSOCKET });
        }),
      );
    }
    this.#sendBody(checked, outgoing);
  }

  /** The upstream has failed, or has closed: an answer that is whole by then stays whole. */
  #onBroken(error: MessageError | undefined): void {
    if (this.#over) return;
    if (this.#answer === undefined) {
      return this.fail(error ?? new MessageError('bad_answer', 'closed without an answer'));
    }
    if (error === undefined) return;
    if (!this.#answer.complete) return this.fail(error);
    // bytes behind an answer: nobody asked for them, and nobody gets them
    this.#services.onFault(error);
  }

  #onCut(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#services.onFault(new MessageError('bad_answer', `the answer was cut: ${error.message}`));
  }

  #sendBody({ hasBody }: CheckedRequest, outgoing: ClientRequest): void {
    const { incoming } = this.#message;
    if (!hasBody) return void outgoing.end();
    // an upstream may answer before the body comes, so it is told at once
    if (incoming.headers.expect !== undefined) outgoing.flushHeaders();
    incoming.on('data', ({ length }: Buffer) => {
      if (this.#framing?.isExcessive(length, incoming.readableLength) !== true) return;
      this.fail(new MessageError('bad_request', 'a chunked body that is mostly extensions', 413));
    });
    incoming.pipe(outgoing);
    // whoever answers early reads no more of the request: left unread it would hide that the client leaves
    outgoing.once('close', () => incoming.unpipe(outgoing).resume());
  }

  #boundInterim(outgoing: ClientRequest): void {
    let count = 0;
    outgoing.on('information', (interim) =>
      this.#guard(() => {
        count += 1;
        if (count > MAX_INTERIM) throw new MessageError('bad_answer', 'too many interim answers');
        checkInterim(interim);
      }),
    );
  }

  #passBack(answer: IncomingMessage, socket: Socket): void {
    const { response } = this.#message;
    this.#answer = answer;
    const { status, reason, headers } = checkAnswer(answer);
    response.writeHead(status, reason, headers);
    // a plain pipe() would keep the upstream of a client that leaves, and the client of an upstream that dies
    pipeline(answer, response, (error) => {
      // the response is destroyed with it, so that it looks cut
      if (error) this.#onCut(error);
      // whatever was agreed on, there is no second request on it
      socket.destroy();
    });
  }
}
