import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import type { Random } from '../http/message-grammar.ts';
import { FLAG, frame, PREFACE, readFrames, TYPE } from './frames.ts';
import type { Frame } from './frames.ts';
import { makeGreeting, makeHonestAnswer, makeStreamAnswer } from './upstream-grammar.ts';
import type { Said } from './upstream-grammar.ts';

/** Connection of the proxy as an attacking upstream has it. */
export type Attacked = {
  /** bytes that the upstream has sent */
  sent: Buffer[];
  /** heads of requests, as blocks of HPACK, in the order of their coming */
  requests: { stream: number; block: Buffer }[];
  /** whether the upstream has ended it */
  isOver: boolean;
};

/** Upstream that plays what its grammar makes, on each connection anew, until it is told to be honest. */
export class AttackingUpstream {
  /** chances of the input under way; undefined: it is honest */
  random: Random | undefined;
  /** connections since the last `forget` */
  connections: Attacked[] = [];
  readonly port: number;
  readonly #server: { close(): unknown };
  readonly #open = new Set<Socket>();

  private constructor(server: { close(): unknown; address(): unknown }) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** @param tls certificate and key; without them it speaks in the clear */
  static async start(tls?: TlsOptions): Promise<AttackingUpstream> {
    const onSocket = (socket: Socket): void => upstream.#accept(socket);
    const server =
      tls === undefined
        ? createServer(onSocket)
        : createTlsServer({ ...tls, ALPNProtocols: ['h2'] }, onSocket);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const upstream: AttackingUpstream = new AttackingUpstream(server);
    return upstream;
  }

  /** Ends all connections. */
  end(): void {
    for (const socket of this.#open) socket.destroy();
  }

  /** Ends all connections, and forgets them. */
  forget(): void {
    this.end();
    this.connections = [];
  }

  close(): void {
    this.forget();
    this.#server.close();
  }

  #accept(socket: Socket): void {
    const attacked: Attacked = { sent: [], requests: [], isOver: false };
    this.connections.push(attacked);
    this.#open.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {}).once('close', () => this.#open.delete(socket));
    const say = ({ bytes, ending }: Said): void => {
      if (attacked.isOver || socket.destroyed) return;
      attacked.sent.push(bytes);
      socket.write(bytes);
      if (ending === 'stay') return;
      attacked.isOver = true;
      if (ending === 'fin') socket.end();
      // a socket of TLS has no RST
      else if (socket instanceof TLSSocket) socket.destroy();
      else socket.resetAndDestroy();
    };
    const { random } = this;
    say(random === undefined ? { bytes: frame(TYPE.settings, 0, 0), ending: 'stay' } : makeGreeting(random));
    let unread = Buffer.alloc(0);
    let hasBegun = false;
    socket.on('data', (chunk: Buffer) => {
      unread = Buffer.concat([unread, chunk]);
      if (!hasBegun && unread.length < PREFACE.length) return;
      if (!hasBegun) unread = unread.subarray(PREFACE.length);
      hasBegun = true;
      const { frames, rest } = readFrames(unread);
      unread = Buffer.from(rest);
      for (const one of frames) this.#onFrame(one, attacked, say);
    });
  }

  #onFrame({ type, flags, stream, payload }: Frame, { requests }: Attacked, say: (said: Said) => void): void {
    if (type === TYPE.settings && (flags & FLAG.ack) === 0)
      return say({ bytes: frame(TYPE.settings, FLAG.ack, 0), ending: 'stay' });
    if (type === TYPE.ping && (flags & FLAG.ack) === 0)
      return say({ bytes: frame(TYPE.ping, FLAG.ack, 0, payload), ending: 'stay' });
    // trailers of a request
    if (type !== TYPE.headers || requests.some((request) => request.stream === stream)) return;
    requests.push({ stream, block: payload });
    const { random } = this;
    if (random === undefined) return say(makeHonestAnswer(stream));
    if (random() < 0.9) return say(makeStreamAnswer(random, stream));
    // behind other answers, or when all is over
    setTimeout(() => say(makeStreamAnswer(random, stream)), random() * 10);
  }
}
