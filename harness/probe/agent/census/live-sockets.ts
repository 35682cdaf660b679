/**
 * Sockets as the probe sees them: which are open, which merely wait in a pool, and one in words.
 */
import net from 'node:net';
import type { Census } from './census.ts';
import { copyOf } from '../base/built-ins.ts';
import { className, listenersOf } from '../base/listeners.ts';
import { originOf } from '../hooks/origins.ts';
import type { Position } from '../../protocol.ts';
import { insideOf } from '../base/socket-inside.ts';

export function isOpen(socket: net.Socket): boolean {
  return !socket.destroyed && (socket.connecting || Boolean(insideOf(socket)._handle));
}

/** The program's own terminal or pipes (made on the first console.log) are nobody's connection. */
export function isStdio(socket: net.Socket): boolean {
  const { _handle, _isStdio } = insideOf(socket);
  return _isStdio === true || (_handle?.fd !== undefined && _handle.fd >= 0 && _handle.fd <= 2);
}

/** Those with a handle that keeps the process alive: not what the program has unref'd, nor what a pool keeps. */
export function activeSockets(): net.Socket[] {
  const handles = (process as unknown as { _getActiveHandles(): object[] })._getActiveHandles();
  return handles.filter((handle): handle is net.Socket => handle instanceof net.Socket);
}

/** The server that accepted the socket. */
export function acceptedBy(socket: net.Socket): net.Server | undefined {
  const { server, _server } = insideOf(socket);
  return server ?? _server ?? undefined;
}

/** Where the socket, or the one beneath it, was connected. */
export function originOfSocket(socket: net.Socket): Position[] {
  const own = originOf(socket);
  const { _parent } = insideOf(socket);
  return own.length === 0 && typeof _parent === 'object' && _parent !== null ? originOf(_parent) : own;
}

/** Sockets beneath a live TLS socket: the TLS socket stands for both. */
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
 * Idle in the pool of an http.Agent or of fetch's client: kept on purpose. And the other ends of these, where the program talks to a
 * server of its own.
 */
export function pooledSockets(census: Census): Set<unknown> {
  const pooled = new Set<unknown>();
  for (const { freeSockets } of agentsOf(census))
    for (const socket of listed(freeSockets)) pooled.add(socket);
  for (const socket of census.sockets) if (isIdleUndici(socket)) pooled.add(socket);
  const ways = new Set([...pooled].map((socket) => wayOf(socket as net.Socket)));
  for (const socket of census.sockets) {
    const { localPort, remotePort } = socket;
    if (
      acceptedBy(socket) &&
      localPort !== undefined &&
      ways.has(wayOf({ localPort: remotePort, remotePort: localPort }))
    )
      pooled.add(socket);
  }
  return pooled;
}

/**
 * Sockets beside the traffic: what the program has unref'd, such as one to a server of statistics, and both ends of what it says to a server
 * of its own.
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

/**
 * Whether an agent that the census lacks may hold the socket: each http.Agent listens to that event of its sockets, and says only in its own
 * lists which are idle.
 */
export function isOfUnknownAgent(census: Census): (socket: net.Socket) => boolean {
  const held = new Set(
    agentsOf(census).flatMap(({ sockets, freeSockets }) => [...listed(sockets), ...listed(freeSockets)]),
  );
  return (socket) => listenersOf(socket).has('agentRemove') && !held.has(socket);
}

type AgentLike = { sockets?: unknown; freeSockets?: unknown };

function agentsOf(census: Census): AgentLike[] {
  return census.emitters.filter((emitter) => 'freeSockets' in emitter && 'maxFreeSockets' in emitter);
}

/** An agent's sockets by the name of where they lead. */
function listed(byName: unknown): unknown[] {
  if (typeof byName !== 'object' || byName === null) return [];
  return Object.values(byName).flatMap((list: unknown) =>
    Array.isArray(list) ? copyOf(list as unknown[]) : [],
  );
}

function wayOf({ localPort, remotePort }: Pick<net.Socket, 'localPort' | 'remotePort'>): string {
  return `${localPort} ${remotePort}`;
}

function isIdleUndici(socket: net.Socket): boolean {
  const symbols = Object.getOwnPropertySymbols(socket);
  const clientKey = symbols.find(({ description }) => description === 'client');
  const client = clientKey && (socket as unknown as Record<symbol, unknown>)[clientKey];
  if (typeof client !== 'object' || client === null) return false;
  const queueKey = Object.getOwnPropertySymbols(client).find(({ description }) => description === 'queue');
  const queue = queueKey && (client as Record<symbol, unknown>)[queueKey];
  return Array.isArray(queue) && copyOf(queue as unknown[]).every((request) => request === null);
}

/** One socket in words: direction, state, ports, bytes, what waits to be sent or read, listeners. */
export function describeSocket(socket: net.Socket): string {
  const inside = insideOf(socket);
  const server = acceptedBy(socket);
  const parts = [className(socket), direction(socket), state(socket)];
  parts.push(`local port ${socket.localPort ?? 'none'}, remote port ${socket.remotePort ?? 'none'}`);
  parts.push(`read ${socket.bytesRead} B, written ${written(socket)} B`);
  if (socket.writableLength > 0) parts.push(`${socket.writableLength} B wait to be sent`);
  if (socket.readableLength > 0) parts.push(`${socket.readableLength} B wait to be read`);
  if (socket.isPaused()) parts.push('paused');
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
