/**
 * Sockets as the probe sees them, and their description in words. Those that wait in a pool: `pooled-sockets.ts`.
 */
import net from 'node:net';
import { className, listenersOf } from '../base/listeners.ts';
import { originOf } from '../hooks/origins.ts';
import type { Position } from '../../protocol.ts';
import { insideOf } from '../base/socket-inside.ts';
import { UNREAD_ANSWER, waitsForReader } from './unread-answer.ts';

export function isOpen(socket: net.Socket): boolean {
  return !socket.destroyed && (socket.connecting || Boolean(insideOf(socket)._handle));
}

/** Sockets whose handle keeps the process alive: neither unref'd by the program nor idle in a pool. */
export function activeSockets(): net.Socket[] {
  const handles = (process as unknown as { _getActiveHandles(): object[] })._getActiveHandles();
  return handles.filter((handle): handle is net.Socket => handle instanceof net.Socket);
}

/** Server that accepted the socket. */
export function acceptedBy(socket: net.Socket): net.Server | undefined {
  const { server, _server } = insideOf(socket);
  return server ?? _server ?? undefined;
}

/** Line where the socket, or the one beneath it, was connected. */
export function originOfSocket(socket: net.Socket): Position[] {
  const own = originOf(socket);
  const { _parent } = insideOf(socket);
  return own.length === 0 && typeof _parent === 'object' && _parent !== null ? originOf(_parent) : own;
}

/** Sockets beneath a live TLS socket, which stands for both. */
export function beneathTls(sockets: readonly net.Socket[]): Set<unknown> {
  const beneath = new Set<unknown>();
  for (const socket of sockets) {
    if (!isOpen(socket)) continue;
    const { _parent, _handle } = insideOf(socket);
    if (_parent) beneath.add(_parent);
    if (_handle?._parentWrap) beneath.add(_handle._parentWrap);
  }
  return beneath;
}

/**
 * Sockets beside the traffic: ones that the program has unref'd, such as one to a statistics server, and both ends of connections
 * to its own servers.
 */
export function socketsApart(sockets: readonly net.Socket[]): (socket: net.Socket) => boolean {
  const ways = new Set(sockets.filter(isOpen).map(wayOf));
  return (socket) => {
    const { localPort, remotePort } = socket;
    const isUnref = insideOf(socket)._handle?.hasRef?.() === false;
    return (
      (isUnref && acceptedBy(socket) === undefined) ||
      (localPort !== undefined && ways.has(wayOf({ localPort: remotePort, remotePort: localPort })))
    );
  };
}

/** Ports of both ends, by which the two sockets of a connection within one program know each other. */
export function wayOf({ localPort, remotePort }: Pick<net.Socket, 'localPort' | 'remotePort'>): string {
  return `${localPort} ${remotePort}`;
}

/** Description of a socket: direction, state, ports, bytes, queued data, listeners. */
export function describeSocket(socket: net.Socket): string {
  const inside = insideOf(socket);
  const server = acceptedBy(socket);
  const parts = [className(socket), direction(socket), state(socket)];
  parts.push(`local port ${socket.localPort ?? 'none'}, remote port ${socket.remotePort ?? 'none'}`);
  parts.push(`read ${socket.bytesRead} B, written ${written(socket)} B`);
  if (socket.writableLength > 0) parts.push(`${socket.writableLength} B wait to be sent`);
  if (socket.readableLength > 0) parts.push(`${socket.readableLength} B wait to be read`);
  if (socket.isPaused()) parts.push('paused');
  if (waitsForReader(socket)) parts.push(UNREAD_ANSWER);
  if (inside.timeout) parts.push(`idle time-out ${inside.timeout} ms`);
  if (inside._handle && inside._handle.hasRef?.() === false) parts.push('unref');
  if (server) parts.push(`accepted by ${className(server)}${portOf(server)}`);
  const listeners = [...listenersOf(socket)].map(
    ([event, registered]) => `${String(event)}${registered.length > 1 ? `×${registered.length}` : ''}`,
  );
  if (listeners.length > 0) parts.push(`listeners: ${listeners.join(' ')}`);
  return parts.join(', ');
}

export function direction(socket: net.Socket): 'incoming' | 'outgoing' {
  return acceptedBy(socket) ? 'incoming' : 'outgoing';
}

function state(socket: net.Socket): string {
  const inside = insideOf(socket);
  if (socket.destroyed) return 'destroyed';
  if (socket.connecting) return 'connecting';
  if (inside.encrypted && inside._secureEstablished === false) return 'in TLS handshake';
  if (socket.readyState === 'readOnly') return 'half-open (we ended, the peer has not)';
  if (socket.readyState === 'writeOnly') return 'half-open (the peer ended, we have not)';
  return socket.readyState;
}

function written(socket: net.Socket): number {
  // bytesWritten walks the write buffer and may throw on a TLS socket that is closing
  try {
    return socket.bytesWritten;
  } catch {
    return 0;
  }
}

export function portOf(server: net.Server): string {
  try {
    const address = server.address();
    if (address === null) return '';
    return typeof address === 'string' ? ` on ${address}` : ` on port ${address.port}`;
  } catch {
    return '';
  }
}
