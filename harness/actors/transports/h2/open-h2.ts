import * as http2 from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

import { nameOfCode } from '../../../scenario/h2-codes.ts';
import type { Handshake } from '../http/asked.ts';
import { TransportRefused } from '../pipe.ts';
import { FreezableStream } from './freezable-stream.ts';
import { H2Exchange } from './h2-exchange.ts';
import { H2Line } from './h2-line.ts';
import { H2Tunnel } from './h2-tunnel.ts';

/** Option that the types do not know: a script may send more SETTINGS than the peer has acknowledged, where Node allows ten. */
const FLOODS = { maxOutstandingSettings: 10_000 };

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
    ...FLOODS,
  });
  return new H2Line(session, under, scripts);
}

/** Opens a WebSocket on a stream of the connection (RFC 8441), once the peer has announced that it takes them. */
export async function openWebSocket(
  line: H2Line,
  { host, path, headers }: Handshake,
  isSecure: boolean,
): Promise<H2Tunnel> {
  try {
    await line.takesConnect();
    const session = line.session as http2.ClientHttp2Session;
    const stream = session.request({
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':scheme': isSecure ? 'https' : 'http',
      ':path': path,
      ':authority': host,
      'sec-websocket-version': '13',
      ...headers,
    });
    await granted(line, stream);
    return new H2Tunnel(line, stream, true);
  } catch (error) {
    // whoever was refused has nothing to wait for
    line.leave();
    throw error;
  }
}

/** Waits for the answer that grants a stream. Rejects with {@link TransportRefused} for any other, and for an end. */
function granted(line: H2Line, stream: http2.ClientHttp2Stream): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (seen: string): void => reject(new TransportRefused(seen));
    stream.on('error', () => undefined);
    stream.once('response', (head) => {
      const status = Number(head[':status']);
      if (status >= 200 && status <= 299) return resolve();
      stream.resume().end();
      refuse(String(status));
    });
    stream.once('close', () => refuse(line.isLost ? 'end' : `rst-${nameOfCode(stream.rstCode ?? 0)}`));
  });
}

/** Receivers of the streams of an accepted connection. */
type OnStreams = {
  onExchange: (exchange: H2Exchange) => void;
  /** receives WebSockets; absent: they are exchanges like all others */
  onWebSocket?: ((tunnel: H2Tunnel) => void) | undefined;
};

/** Serves HTTP/2 on an accepted connection: each request is an exchange. @param connects whether extended CONNECT is announced */
export function serveH2(
  stream: Duplex,
  { freezes, connects }: { freezes: boolean; connects: boolean },
  { onExchange, onWebSocket }: OnStreams,
): void {
  // only Node's own server clears this: HTTP/2 would wait for a handshake that is over
  if (stream instanceof TLSSocket) Object.assign(stream, { secureConnecting: false });
  const under = freezes ? new FreezableStream(stream) : stream;
  const session = http2.performServerHandshake(under, {
    settings: connects ? { enableConnectProtocol: true } : {},
    ...FLOODS,
  });
  const line = new H2Line(session, under, Infinity);
  session.on('stream', (one: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
    if (onWebSocket === undefined) return onExchange(new H2Exchange(line, one, headers));
    if (headers[':protocol'] === 'websocket') {
      one.respond({ ':status': 200 });
      onWebSocket(new H2Tunnel(line, one, false));
    } else {
      one.on('error', () => undefined);
      one.respond({ ':status': 501 }, { endStream: true });
    }
  });
  under.once('end', () => {
    // an idle connection is closed at once: nobody uses it
    if (line.isIdle) under.end();
  });
}
