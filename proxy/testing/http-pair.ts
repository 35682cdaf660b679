import { once } from 'node:events';
import { connect as connectTcp, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../clock/clock.ts';
import type { Limits } from '../limits/limits.ts';
import { createCertificate } from './certificate.ts';
import { within } from './peers.ts';
import { startProxy } from './proxy-under-test.ts';
import type { ProxyUnderTest } from './proxy-under-test.ts';

const PAIR = await createCertificate();

/** Response of the upstream by default. */
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Proxy that terminates TLS, in front of an upstream that exchanges raw bytes. */
export type HttpPair = {
  target: ProxyUnderTest;
  /** bytes that each upstream connection has received, in the order of their accepts */
  seen: string[];
  /** open upstream connections */
  upstreams: Set<Socket>;
  /** handles the first bytes of an upstream connection */
  answer: (socket: Socket, bytes: string) => void;
  open(serverName?: string | false): Promise<TLSSocket>;
  /** closes the client with an RST */
  reset(client: TLSSocket): void;
  /** sends bytes and reads until the connection has closed, or until the answer contains `until` */
  send(bytes: string, options?: { until?: string; serverName?: string | false }): Promise<string>;
  finish(): Promise<void>;
};

export async function startHttpPair(limits: Partial<Limits> = {}, clock?: Clock): Promise<HttpPair> {
  const seen: string[] = [];
  const upstreams = new Set<Socket>();
  const sockets = new WeakMap<TLSSocket, Socket>();
  const server = createServer((socket) => {
    upstreams.add(socket.on('close', () => upstreams.delete(socket)).on('error', () => {}));
    const at = seen.push('') - 1;
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      const isFirst = seen[at] === '';
      seen[at] += chunk;
      if (isFirst) pair.answer(socket, chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const route = { mode: 'tls-terminate', upstreams: [at], ...PAIR } as const;
  const routes = [
    { ...route, name: 'web', hosts: ['*.lastfin.test'] },
    { ...route, name: 'any', hosts: ['*'] },
  ];
  const listeners = [{ name: 'l', listen: { host: '127.0.0.1', port: 0 }, routes }];
  const target = await startProxy(0, { grace: 100, ...limits, listeners }, clock && { clock });
  const pair: HttpPair = {
    target,
    seen,
    upstreams,
    answer: (socket) => void socket.end(OK),
    async open(serverName = 'a.lastfin.test') {
      const named = serverName === false ? {} : { servername: serverName };
      const below = connectTcp({ host: '127.0.0.1', port: target.port, allowHalfOpen: true });
      const socket = connect({ socket: below, rejectUnauthorized: false, ...named });
      sockets.set(
        socket,
        below.on('error', () => {}),
      );
      socket.on('error', () => {});
      await within('the TLS handshake', once(socket, 'secureConnect'));
      return socket;
    },
    reset: (socket) => void sockets.get(socket)?.resetAndDestroy(),
    async send(bytes, { until, serverName } = {}) {
      const socket = await pair.open(serverName);
      let got = '';
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        got += chunk;
        if (until !== undefined && got.includes(until)) socket.destroy();
      });
      socket.on('end', () => socket.end());
      socket.write(Buffer.from(bytes, 'latin1'));
      await within(`the end of ${JSON.stringify(bytes.slice(0, 80))}`, once(socket, 'close'));
      return got;
    },
    async finish() {
      await target.finish();
      for (const socket of upstreams) await within('the close of an upstream', once(socket, 'close'));
      server.close();
    },
  };
  return pair;
}
