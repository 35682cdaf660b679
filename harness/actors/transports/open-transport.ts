import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { type Address, formatAddress } from '../../../shared/address.ts';
import { isOverH2, isWebSocket, speaksH2, type Transport } from '../../scenario/transport.ts';
import type { Step } from '../../scenario/step.ts';
import { needsFreezable } from './h2/freezable-stream.ts';
import { H2Client } from './h2/h2-client.ts';
import { joinLine, openWebSocket } from './h2/open-h2.ts';
import { askedFields, hostOf, prefixOf } from './http/asked.ts';
import { HttpClient } from './http/http-client.ts';
import type { Pipe } from './pipe.ts';
import { type Announced, type Ends, proxyHeader, recognizeProxyHeader } from './proxy-header.ts';
import { readHead } from './read-head.ts';
import { acceptSocks5, socks5 } from './socks5.ts';
import {
  type OnKeys,
  type Pem,
  secureAsClient,
  secureAsServer,
  stallAsClient,
  stallAsServer,
} from './tls/tls.ts';
import { Tls12Client } from './tls/tls12-client.ts';
import { FramePipe } from './websocket/frame-pipe.ts';
import { acceptTunnel, tunnel, upgradeAsClient, upgradeAsServer } from './http/upgrade.ts';

/** Parts of the lab that transports need. */
export type TransportLab = {
  /** certificate of the lab, if any transport of the case needs it */
  pem: Pem | undefined;
  /** upstream as the target knows it: the address that tunnels and absolute requests ask for */
  upstream: Address;
  /** receives the keys of TLS sessions, a line each in the form of SSLKEYLOGFILE */
  onKeys?: OnKeys | undefined;
};

/**
 * Builds the transport of a client over its connected socket, for its script.
 *
 * @param server whether the peer is a server by itself, whose bytes are its own
 * @param scripts number of scripts that share the connection, over h2
 */
export async function openTransport(
  socket: Socket,
  transport: Transport,
  lab: TransportLab,
  script: readonly Step[],
  { server = false, scripts = 1 }: { server?: boolean; scripts?: number } = {},
): Promise<Pipe> {
  const { header, protocol, eager = false } = transport;
  const tls = withAlpn(transport);
  if (!isOverH2(transport) && header) socket.write(proxyHeader(header, ...endsOf(socket, header.source)));
  if (tls?.stall !== undefined)
    return stallAsClient(socket, { ...tls, stall: tls.stall }, { pem: pemOf(lab), onKeys: lab.onKeys });
  const has = (...kinds: Step['kind'][]): boolean => script.some(({ kind }) => kinds.includes(kind));

  const upstream = formatAddress(lab.upstream);
  const http = {
    // nothing of a script that only opens and leaves is a request to a server; behind a gateway its upstream would never be reached
    explicit: has('request', 'ask', 'raw', 'grpc') || (server && !has('send', 'flood', 'expect')),
    sendsBody: has('send', 'flood'),
    server,
    authority: upstream,
    prefix: prefixOf(transport, upstream),
    ...askedFields(transport),
  };
  const host = hostOf(transport, upstream);
  const handshake = { host, path: transport.path ?? '/', ...askedFields(transport) };
  if (isOverH2(transport)) {
    const line = await joinLine(socket, {
      secured: () => {
        if (header) socket.write(proxyHeader(header, ...endsOf(socket, header.source)));
        return secured(socket, tls, lab, script);
      },
      scripts,
      freezes: needsFreezable(script),
    });
    if (!speaksH2(transport)) {
      const stream = await openWebSocket(line, handshake, tls !== undefined);
      return framed(stream, transport, { isClient: true, script });
    }
    if (script.some((step) => step.kind === 'request' && step.request.protocol !== undefined))
      await line.takesConnect();
    return new H2Client(line, { host, ...http, isSecure: tls !== undefined });
  }
  const stream = await secured(socket, tls, lab, script);
  switch (protocol) {
    case 'bytes':
      return stream;
    case 'connect':
      return tunnel(stream, upstream, eager);
    case 'socks5':
      await socks5(stream, lab.upstream);
      return stream;
    case 'websocket':
    case 'websocket-frames':
      return framed(await upgradeAsClient(stream, handshake, eager), transport, { isClient: true, script });
    default:
      return new HttpClient(stream, { host, ...http });
  }
}

/** Builds what is under HTTP on a connected socket, for requests that are no script's. */
export function openLoadStream(socket: Socket, transport: Transport, lab: TransportLab): Promise<Duplex> {
  const { header } = transport;
  if (header) socket.write(proxyHeader(header, ...endsOf(socket, header.source)));
  return secured(socket, withAlpn(transport), lab, []);
}

async function secured(
  socket: Socket,
  tls: Transport['tls'],
  lab: TransportLab,
  script: readonly Step[],
): Promise<Duplex> {
  if (!tls) return socket;
  const keys = { pem: pemOf(lab), onKeys: lab.onKeys, updatesKeys: updatesKeys(script) };
  if (!script.some(({ kind }) => kind === 'renegotiate')) return secureAsClient(socket, tls, keys);
  const client = new Tls12Client(socket, keys.pem);
  if (lab.onKeys) client.on('keylog', lab.onKeys);
  return client.secured(tls.servername);
}

/** Builds the transport of an accepted connection, up to where bytes or requests begin. */
export async function acceptTransport(
  socket: Socket,
  transport: Transport,
  lab: TransportLab,
  onAnnounced: (ends: Ends | undefined) => void,
  script: readonly Step[] = [],
): Promise<Duplex> {
  const { header, protocol, answer } = transport;
  const tls = withAlpn(transport);
  if (header) onAnnounced(await readHead(socket, recognizeProxyHeader));
  if (tls?.stall !== undefined)
    return stallAsServer(socket, { ...tls, stall: tls.stall }, { pem: pemOf(lab), onKeys: lab.onKeys });
  const stream: Duplex = tls
    ? await secureAsServer(socket, tls, {
        pem: pemOf(lab),
        onKeys: lab.onKeys,
        updatesKeys: updatesKeys(script),
      })
    : socket;
  if (answer === 'never') return stream;
  // its streams are accepted one by one
  if (isOverH2(transport)) return stream;
  if (isWebSocket(transport)) await upgradeAsServer(stream);
  if (protocol === 'connect') await acceptTunnel(stream, answer);
  if (protocol === 'socks5') await acceptSocks5(stream, answer);
  return framed(stream, transport, { isClient: false, script });
}

/** Adds the frames of a WebSocket to its bytes, where the transport has them. */
export function framed(
  stream: Duplex,
  { protocol }: Transport,
  options: { isClient: boolean; script: readonly Step[] },
): Duplex {
  return protocol === 'websocket-frames' ? new FramePipe(stream, options) : stream;
}

const updatesKeys = (script: readonly Step[]): boolean => script.some(({ kind }) => kind === 'key-update');

/** Options of TLS, which over HTTP/2 ask for it by ALPN unless they name protocols themselves. */
function withAlpn(transport: Transport): Transport['tls'] {
  const { tls } = transport;
  return tls === undefined || !isOverH2(transport) ? tls : { alpn: ['h2'], ...tls };
}

/** Whether the script's bytes are those of the socket, from the first one on. */
export function isPlain({ header, tls, protocol }: Transport): boolean {
  return !header && !tls && protocol === 'bytes';
}

function endsOf(socket: Socket, source: string | undefined): [Announced, Announced] {
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket;
  return [
    { address: source ?? localAddress, port: localPort },
    { address: remoteAddress, port: remotePort },
  ];
}

function pemOf({ pem }: TransportLab): Pem {
  if (pem === undefined) throw new Error('a transport with TLS, and the lab has made no certificate');
  return pem;
}
