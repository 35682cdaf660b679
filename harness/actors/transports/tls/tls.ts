import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect, createSecureContext, TLSSocket, type SecureContext } from 'node:tls';

import type { TlsOptions } from '../../../scenario/transport.ts';
import { TransportRefused } from '../pipe.ts';
import { PiecewiseSocket } from './piecewise-socket.ts';

/** Event of a TCP socket: TLS begins over it, and its argument, the TLS stream, reports ends and errors from here on. */
export const SECURED = 'secured';

/** PEM texts of the lab's certificate and its key. */
export type Pem = { certificate: string; key: string };

/** Receives the keys of a TLS session, a line of SSLKEYLOGFILE each. */
export type OnKeys = (line: Buffer) => void;

/** Certificate of the lab, and who is told the keys. */
type Keys = { pem: Pem; onKeys: OnKeys | undefined };

/** Runs TLS over a connected socket as a client that trusts only the lab's certificate, or its `ca`. Resolves after the handshake. */
export async function secureAsClient(
  socket: Socket,
  options: TlsOptions,
  { pem, onKeys }: Keys,
): Promise<TLSSocket> {
  const { servername, alpn, pieces, records } = options;
  const isCut = pieces !== undefined || records !== undefined;
  const secured = connect({
    socket: isCut ? new PiecewiseSocket(socket, options) : socket,
    secureContext: contextOf(pem, options, 'client'),
    // an empty name sends none; the name that is checked is then the certificate's
    servername: servername === false ? '' : servername,
    ...(servername === false ? { checkServerIdentity: () => undefined } : {}),
    ...(alpn ? { ALPNProtocols: alpn } : {}),
  });
  if (onKeys) secured.on('keylog', onKeys);
  return untilSecure(secured, socket, 'secureConnect');
}

/** Runs TLS as a server with the lab's certificate. Resolves after the handshake. */
export async function secureAsServer(
  socket: Socket,
  options: TlsOptions,
  { pem, onKeys }: Keys,
): Promise<TLSSocket> {
  const { alpn } = options;
  const secured = new TLSSocket(socket, {
    isServer: true,
    secureContext: contextOf(pem, options, 'server'),
    ...(alpn ? { ALPNProtocols: alpn } : {}),
  });
  if (onKeys) secured.on('keylog', onKeys);
  return untilSecure(secured, socket, 'secure');
}

async function untilSecure(
  secured: TLSSocket,
  socket: Socket,
  event: 'secureConnect' | 'secure',
): Promise<TLSSocket> {
  socket.emit(SECURED, secured);
  secured.once('close', () => socket.destroy());
  // after a failed handshake there may be more errors, and nobody owns the socket
  secured.on('error', () => undefined);
  const ended = new AbortController();
  // for a server Node reports no error for a FIN during the handshake: only reading shows it
  const onReadable = (): void => {
    const early: unknown = secured.read();
    if (early !== null) secured.unshift(early);
  };
  const onEnd = (): void => ended.abort();
  secured.on('readable', onReadable).once('end', onEnd).once('close', onEnd);
  try {
    await once(secured, event, { signal: ended.signal });
  } catch (error) {
    throw ended.signal.aborted ? new TransportRefused('end') : error;
  } finally {
    secured.off('readable', onReadable).off('end', onEnd).off('close', onEnd);
  }
  // Node notices a removed listener a tick later, and then resumes the stream even if it was paused in between
  await new Promise<void>((done) => process.nextTick(done));
  return secured;
}

/** Contexts by options: a context costs more than a handshake, so connections share them. */
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
