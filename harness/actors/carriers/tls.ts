import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect, createSecureContext, TLSSocket, type SecureContext } from 'node:tls';

import type { TlsOptions } from '../../scenario/carrier.ts';
import { PiecewiseSocket } from './piecewise-socket.ts';

/** PEM texts of the lab's certificate and its key. */
export type Pem = { certificate: string; key: string };

/** TLS over a connected socket, as a client that trusts the lab's certificate only. Resolves when the handshake is done. */
export async function secureAsClient(socket: Socket, options: TlsOptions, pem: Pem): Promise<TLSSocket> {
  const { servername, alpn, pieces } = options;
  const secured = connect({
    socket: pieces === undefined ? socket : new PiecewiseSocket(socket, pieces),
    secureContext: contextOf(pem, options, 'client'),
    // an empty name sends none; then the name that is checked is that of the certificate
    servername: servername === false ? '' : servername,
    ...(servername === false ? { checkServerIdentity: () => undefined } : {}),
    ...(alpn ? { ALPNProtocols: alpn } : {}),
  });
  return untilSecure(secured, socket, 'secureConnect');
}

/** The same as a server with the lab's certificate. */
export async function secureAsServer(socket: Socket, options: TlsOptions, pem: Pem): Promise<TLSSocket> {
  const { alpn } = options;
  const secured = new TLSSocket(socket, {
    isServer: true,
    secureContext: contextOf(pem, options, 'server'),
    ...(alpn ? { ALPNProtocols: alpn } : {}),
  });
  return untilSecure(secured, socket, 'secure');
}

async function untilSecure(
  secured: TLSSocket,
  socket: Socket,
  event: 'secureConnect' | 'secure',
): Promise<TLSSocket> {
  // what goes wrong later is for the holder of the connection; until then for who waits
  secured.once('close', () => socket.destroy());
  await once(secured, event);
  return secured;
}

/** A context costs more than a handshake: one for each kind, not for each connection. */
const contexts = new Map<string, SecureContext>();

function contextOf(
  { certificate, key }: Pem,
  { version }: TlsOptions,
  side: 'client' | 'server',
): SecureContext {
  const name = `${side} ${version} ${certificate}`;
  const known = contexts.get(name);
  if (known) return known;
  const context = createSecureContext({
    ...(side === 'client' ? { ca: certificate } : { cert: certificate, key }),
    ...(version ? { minVersion: `TLSv${version}`, maxVersion: `TLSv${version}` } : {}),
  });
  contexts.set(name, context);
  return context;
}
