import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect, createSecureContext, TLSSocket, type SecureContext } from 'node:tls';

import type { TlsOptions } from '../../../scenario/transport.ts';
import { CarrierRefused } from '../pipe.ts';
import { PiecewiseSocket } from './piecewise-socket.ts';

/** PEM texts of the lab's certificate and its key. */
export type Pem = { certificate: string; key: string };

/** TLS over a connected socket, as a client that trusts the lab's certificate only, or those of its `ca`. Resolves when the handshake is done. */
export async function secureAsClient(socket: Socket, options: TlsOptions, pem: Pem): Promise<TLSSocket> {
  const { servername, alpn, pieces, records } = options;
  const isCut = pieces !== undefined || records !== undefined;
  const secured = connect({
    socket: isCut ? new PiecewiseSocket(socket, options) : socket,
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
  secured.once('close', () => socket.destroy());
  // after a failed handshake there may be more errors, and nobody holds the socket
  secured.on('error', () => undefined);
  const ended = new AbortController();
  // a FIN in the handshake is no error of Node's on a server, and is seen only by who reads
  const onReadable = (): void => {
    const early: unknown = secured.read();
    if (early !== null) secured.unshift(early);
  };
  const onEnd = (): void => ended.abort();
  secured.on('readable', onReadable).once('end', onEnd).once('close', onEnd);
  try {
    await once(secured, event, { signal: ended.signal });
  } catch (error) {
    throw ended.signal.aborted ? new CarrierRefused('end') : error;
  } finally {
    secured.off('readable', onReadable).off('end', onEnd).off('close', onEnd);
  }
  // Node acts on the listener that is gone a tick later, and reads on then whoever has paused the stream in between
  await new Promise<void>((done) => process.nextTick(done));
  return secured;
}

/** A context costs more than a handshake: one for each kind, not for each connection. */
const contexts = new Map<string, SecureContext>();

function contextOf(
  { certificate, key }: Pem,
  { version, ca }: TlsOptions,
  side: 'client' | 'server',
): SecureContext {
  const name = `${side} ${version} ${ca} ${certificate}`;
  const known = contexts.get(name);
  if (known) return known;
  const context = createSecureContext({
    ...(side === 'client'
      ? { ca: ca === undefined ? certificate : readFileSync(ca) }
      : { cert: certificate, key }),
    ...(version ? { minVersion: `TLSv${version}`, maxVersion: `TLSv${version}` } : {}),
  });
  contexts.set(name, context);
  return context;
}
