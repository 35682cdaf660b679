import * as http2 from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

import { TransportRefused } from '../pipe.ts';
import { FreezableStream } from './freezable-stream.ts';
import { H2Exchange } from './h2-exchange.ts';
import { H2Line } from './h2-line.ts';

/** Connections of clients by their sockets: several scripts may share one. */
const lines = new WeakMap<Socket, Promise<H2Line>>();

type LineOptions = {
  /** builds what is under HTTP/2, once for each connection */
  secured: () => Promise<Duplex>;
  /** scripts that share the connection */
  scripts: number;
  /** whether a script freezes the connection */
  freezes: boolean;
};

/** Opens HTTP/2 on a client's connection, or joins the scripts that have it already. */
export function joinLine(socket: Socket, options: LineOptions): Promise<H2Line> {
  const known = lines.get(socket) ?? openLine(options);
  lines.set(socket, known);
  return known;
}

async function openLine({ secured, scripts, freezes }: LineOptions): Promise<H2Line> {
  const stream = await secured();
  if (stream instanceof TLSSocket && stream.alpnProtocol !== 'h2') throw new TransportRefused('no-h2');
  const under = freezes ? new FreezableStream(stream) : stream;
  // the name is only that of the session: each request names its own authority
  const session = http2.connect('http://lastfin.test', {
    createConnection: () => under,
    settings: { enablePush: false },
  });
  return new H2Line(session, under, scripts);
}

/** Serves HTTP/2 on an accepted connection: each request is an exchange. */
export function serveH2(stream: Duplex, freezes: boolean, onExchange: (exchange: H2Exchange) => void): void {
  // only Node's own server clears this: HTTP/2 would wait for a handshake that is over
  if (stream instanceof TLSSocket) Object.assign(stream, { secureConnecting: false });
  const under = freezes ? new FreezableStream(stream) : stream;
  const session = http2.performServerHandshake(under);
  const line = new H2Line(session, under, Infinity);
  session.on('stream', (one: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
    onExchange(new H2Exchange(line, one, headers));
  });
  under.once('end', () => {
    // an idle connection is closed at once: nobody uses it
    if (line.isIdle) under.end();
  });
}
