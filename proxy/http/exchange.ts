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

/** Services of the proxy that an exchange uses. */
export type Services = {
  /** connects to an upstream for one request; there is no pool, since pools are where proxies leak */
  connect(signal: AbortSignal): Promise<Socket>;
  /** called when a message has failed, to count and log it */
  onFault(error: MessageError): void;
};

/** Most interim answers accepted before the final one. RFC 9110, 15.2 allows any number; nobody needs more. */
const MAX_INTERIM = 100;
/** Only protocol for which an upgrade is passed on: h2c and others would bypass every check of a request. */
const WEBSOCKET = 'websocket';

/**
 * Request on its way to the upstream and its answer on its way back, both streamed. An exception in it ends this exchange and
 * nothing else: the client gets a gateway error or a cut answer, and both sockets are released.
 */
export class Exchange {
  readonly #message: Message;
  readonly #services: Services;
  readonly #left = new AbortController();
  #upstream: Socket | undefined;
  #outgoing: ClientRequest | undefined;
  #answer: IncomingMessage | undefined;
  /** byte budget of a chunked body; counts from the tick in which the request arrived */
  readonly #framing: FramingBytes | undefined;
  #over = false;

  /** Must be constructed in the tick in which the request arrived. */
  constructor(message: Message, services: Services) {
    this.#message = message;
    this.#services = services;
    const { headers, socket } = message.incoming;
    const isChunked = headers['transfer-encoding'] !== undefined;
    this.#framing = isChunked ? new FramingBytes(() => socket.bytesRead) : undefined;
  }

  /**
   * Whether the client is expected to send. It is held back while the upstream takes nothing; if the answer has begun before the
   * request is complete, the two are in a conversation, in which both may be silent.
   */
  get awaitsBody(): boolean {
    if (this.#answer !== undefined) return false;
    return !this.#message.incoming.complete && this.#outgoing?.writableNeedDrain === false;
  }

  /** Whether it ended properly: after one that did not, nothing on its connection is a request. */
  get isSound(): boolean {
    return !this.#over;
  }

  /** Forwards the request. */
  start(): void {
    this.#guard(() => {
      const checked = this.#message.check();
      // its body would arrive among the bytes after the upgrade, where its end could not be told
      if (checked.hasBody && this.#message.upgrade !== undefined) {
        throw new MessageError('bad_request', 'an upgrade with a body');
      }
      if (this.#message.awaitsContinue === true) this.#message.response.writeContinue();
      // a client may leave at the very moment of the connect
      this.#services.connect(this.#left.signal).then(
        (socket) => this.#guard(() => (this.#over ? socket.destroy() : this.#forward(checked, socket))),
        (error: unknown) => this.fail(new MessageError('no_upstream', String(error))),
      );
    });
  }

  /** Ends the exchange and its upstream when the client has left. */
  abort(): void {
    this.#over = true;
    this.#left.abort();
    this.#outgoing?.destroy();
    this.#upstream?.destroy();
  }

  /** Ends the exchange with an error; an answer that has begun is cut, so that it never looks complete. */
  fail(error: MessageError): void {
    if (this.#over) return;
    this.abort();
    const { incoming, response } = this.#message;
    this.#services.onFault(error);
    if (response.headersSent) return void incoming.socket.destroy();
    incoming.unpipe().resume();
    const { status } = error;
    try {
      // the connection continues after the answer only if no byte of the request is left on it
      const headers = { connection: 'close', 'content-length': 0 };
      response.writeHead(status, STATUS_CODES[status] ?? '', headers).end();
    } catch {
      incoming.socket.destroy();
    }
  }

  /** Runs a step of the exchange; every exception that a message can cause ends here. */
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
    // no header may be dropped: one of them could be the length of the body
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

  /** Handles the upstream's failure or close: an answer that is complete by then stays complete. */
  #onBroken(error: MessageError | undefined): void {
    if (this.#over) return;
    if (this.#answer === undefined) {
      return this.fail(error ?? new MessageError('bad_answer', 'closed without an answer'));
    }
    if (error === undefined) return;
    if (!this.#answer.complete) return this.fail(error);
    // bytes after an answer that nobody asked for: they are not forwarded
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
    // an upstream may answer before the body arrives, so the head is sent at once
    if (incoming.headers.expect !== undefined) outgoing.flushHeaders();
    incoming.on('data', ({ length }: Buffer) => {
      if (this.#framing?.isExcessive(length, incoming.readableLength) !== true) return;
      this.fail(new MessageError('bad_request', 'a chunked body that is mostly extensions', 413));
    });
    incoming.pipe(outgoing);
    // an upstream that answers early reads no more of the request: unread bytes would hide that the client leaves
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
      // the response is destroyed too, so that it looks cut
      if (error) this.#onCut(error);
      // whatever was negotiated, this upstream connection serves no second request
      socket.destroy();
    });
  }
}
