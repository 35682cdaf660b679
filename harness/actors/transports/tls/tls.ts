import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, createSecureContext, TLSSocket, type SecureContext } from 'node:tls';

import type { WrongCertificate } from '../../../lab/certificates.ts';
import type { ShownCertificate, TlsOptions } from '../../../scenario/transport.ts';
import { TransportRefused } from '../pipe.ts';
import { KeyUpdateStream } from './key-update-stream.ts';
import { PiecewiseSocket } from './piecewise-socket.ts';
import { SilentPipe, StalledHandshake } from './stalled-handshake.ts';

/** Event of a TCP socket: TLS begins over it, and its argument, the TLS stream, reports ends and errors from here on. */
export const SECURED = 'secured';

/** PEM texts of a certificate and its key. */
type Pair = { certificate: string; key: string };

/** PEM texts of the lab: its certificate, all that it trusts, and certificates that are wrong. */
export type Pem = Pair & { authority: string; wrong: Record<WrongCertificate, Pair> };

/** Receives the keys of a TLS session, a line of SSLKEYLOGFILE each. */
export type OnKeys = (line: Buffer) => void;

/** Certificate of the lab, and who is told the keys. */
type Keys = { pem: Pem; onKeys: OnKeys | undefined; updatesKeys?: boolean };

/** Runs TLS over a connected socket as a client that trusts only the lab's certificate, or its `ca`. Resolves after the handshake. */
export async function secureAsClient(
  socket: Socket,
  options: TlsOptions,
  { pem, onKeys, updatesKeys = false }: Keys,
): Promise<TLSSocket> {
  const { pieces, records } = options;
  const isCut = pieces !== undefined || records !== undefined;
  const updating = updatesKeys ? new KeyUpdateStream(socket, true) : undefined;
  const carrier = updating ?? (isCut ? new PiecewiseSocket(socket, options) : socket);
  const secured = connectOver(carrier, options, pem);
  if (updating) watchKeys(socket, secured, updating);
  if (onKeys) secured.on('keylog', onKeys);
  if (options.resume) keepSession(socket, secured, options);
  return untilSecure(secured, socket, 'secureConnect');
}

/** Begins a handshake as a client, and resolves when it stands still: at this flight, whose bytes are not sent. */
export async function stallAsClient(
  socket: Socket,
  options: TlsOptions & { stall: number },
  { pem }: Keys,
): Promise<SilentPipe> {
  const carrier = new StalledHandshake(socket, options.stall);
  return untilStalled(socket, carrier, () => connectOver(carrier, options, pem));
}

/** Begins a handshake as a server, and resolves when it stands still. */
export async function stallAsServer(
  socket: Socket,
  options: TlsOptions & { stall: number },
  { pem }: Keys,
): Promise<SilentPipe> {
  const carrier = new StalledHandshake(socket, options.stall);
  const secureContext = contextOf(pem, options, 'server');
  return untilStalled(socket, carrier, () => new TLSSocket(carrier, { isServer: true, secureContext }));
}

async function untilStalled(
  socket: Socket,
  carrier: StalledHandshake,
  begin: () => TLSSocket,
): Promise<SilentPipe> {
  const ended = new AbortController();
  const onEnd = (): void => ended.abort();
  socket.once('end', onEnd).once('close', onEnd);
  try {
    const stalled = once(carrier, 'stalled', { signal: ended.signal });
    // a client may write within this call; its handshake cannot succeed
    begin().on('error', () => undefined);
    await stalled;
  } catch {
    throw new TransportRefused('end');
  } finally {
    socket.off('end', onEnd).off('close', onEnd);
  }
  return new SilentPipe(socket);
}

function connectOver(socket: Duplex, options: TlsOptions, pem: Pem): TLSSocket {
  const { servername, alpn } = options;
  const session = options.resume ? sessions.get(sessionName(socket as Socket, options)) : undefined;
  return connect({
    socket,
    secureContext: contextOf(pem, options, 'client'),
    // an empty name sends none; the name that is checked is then the certificate's
    servername: servername === false ? '' : servername,
    ...(servername === false ? { checkServerIdentity: () => undefined } : {}),
    ...(alpn ? { ALPNProtocols: alpn } : {}),
    ...(session === undefined ? {} : { session }),
  });
}

/** Latest session of each server, by its address and name. */
const sessions = new Map<string, Buffer>();

const sessionName = ({ remoteAddress, remotePort }: Socket, { servername, version }: TlsOptions): string =>
  `${remoteAddress} ${remotePort} ${servername} ${version}`;

/** Keeps the session of a connection for those that come after it. */
function keepSession(socket: Socket, secured: TLSSocket, options: TlsOptions): void {
  const name = sessionName(socket, options);
  secured.on('session', (session: Buffer) => sessions.set(name, session));
}

/** Runs TLS as a server with the lab's certificate, or the one that its options name. Resolves after the handshake. */
export async function secureAsServer(
  socket: Socket,
  options: TlsOptions,
  { pem, onKeys, updatesKeys = false }: Keys,
): Promise<TLSSocket> {
  const { alpn, clientCertificate } = options;
  const updating = updatesKeys ? new KeyUpdateStream(socket, false) : undefined;
  const secured = new TLSSocket(updating ?? socket, {
    isServer: true,
    secureContext: contextOf(pem, options, 'server'),
    ...(alpn ? { ALPNProtocols: alpn } : {}),
    ...(clientCertificate ? { requestCert: true, rejectUnauthorized: true } : {}),
  });
  if (updating) watchKeys(socket, secured, updating);
  if (onKeys) secured.on('keylog', onKeys);
  await untilSecure(secured, socket, 'secure');
  // Node leaves the check of a certificate that has come to its own servers
  if (clientCertificate && secured.getPeerX509Certificate()?.raw.equals(rawOf(pem)) !== true)
    throw new TransportRefused('stranger');
  return secured;
}

/** Connections of TLS 1.3 that can update their keys, by their sockets. */
const updatable = new WeakMap<Socket, { secured: TLSSocket; updating: KeyUpdateStream }>();

function watchKeys(socket: Socket, secured: TLSSocket, updating: KeyUpdateStream): void {
  secured.on('keylog', (line: Buffer) => updating.onKeys(line));
  updatable.set(socket, { secured, updating });
}

/** Sends key updates of TLS 1.3 on a connection; false if it was not made for that. */
export function updateKeys(socket: Socket, times: number, requests: boolean): boolean {
  const found = updatable.get(socket);
  if (found === undefined) return false;
  const { secured, updating } = found;
  if (!secured.destroyed) updating.update(times, requests, secured.getCipher().name);
  return true;
}

const rawOf = ({ certificate }: Pem): Buffer => new X509Certificate(certificate).raw;

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
  // at once: bytes that come with the handshake would be read and put back for ever
  secured.once(event, () => secured.off('readable', onReadable));
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
  pem: Pem,
  { version, ca, certificate }: TlsOptions,
  side: 'client' | 'server',
): SecureContext {
  const shown = certificate ?? (side === 'client' ? 'none' : 'lab');
  const name = `${side} ${version} ${ca} ${shown} ${pem.certificate}`;
  const known = contexts.get(name);
  if (known) return known;
  const pair = pairOf(pem, shown);
  const context = createSecureContext({
    // a server trusts all that the lab does; a client is stricter
    ca: side === 'server' ? pem.authority : ca === undefined ? pem.certificate : readFileSync(ca),
    ...(pair === undefined ? {} : { cert: pair.certificate, key: pair.key }),
    ...(version ? { minVersion: `TLSv${version}`, maxVersion: `TLSv${version}` } : {}),
  });
  contexts.set(name, context);
  return context;
}

function pairOf(pem: Pem, shown: ShownCertificate): Pair | undefined {
  if (shown === 'none') return undefined;
  return shown === 'lab' ? pem : pem.wrong[shown];
}
