import net from 'node:net';
import { behind } from '../base/behind.ts';
import { copyOf, HostWeakRef } from '../base/built-ins.ts';
import { listenersOf } from '../base/listeners.ts';
import type { Census } from './census.ts';
import { idleSessionSockets } from './http2.ts';
import { acceptedBy, wayOf } from './live-sockets.ts';

// the program may replace it
// oxlint-disable-next-line typescript/unbound-method -- called with Reflect.apply
const { deref } = HostWeakRef.prototype;

/**
 * Sockets that are idle on purpose in the pool of an http.Agent or of fetch's client, or under an HTTP/2 session without a stream, and their other ends if the program talks to
 * its own server.
 */
export function pooledSockets(census: Census): Set<unknown> {
  const pooled = new Set<unknown>();
  for (const { freeSockets } of agentsOf(census))
    for (const socket of listed(freeSockets)) pooled.add(socket);
  for (const socket of census.sockets) if (isIdleUndici(socket)) pooled.add(socket);
  for (const socket of idleSessionSockets(census)) pooled.add(socket);
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
 * Whether an agent outside the census may hold the socket: each http.Agent listens to `agentRemove` of its sockets, but only its own
 * lists tell which are idle.
 */
export function isOfUnknownAgent(census: Census): (socket: net.Socket) => boolean {
  const held = new Set(
    agentsOf(census).flatMap(({ sockets, freeSockets }) => [...listed(sockets), ...listed(freeSockets)]),
  );
  return (socket) => listenersOf(socket).has('agentRemove') && !held.has(socket);
}

/** Whether the socket waits in a client of undici, a dependency's or that of fetch. */
export function isIdleUndici(socket: net.Socket): boolean {
  const client = behind(socket, 'client');
  if (typeof client !== 'object' || client === null) return false;
  const queue = behind(client, 'queue');
  return Array.isArray(queue) && copyOf(queue as unknown[]).every((request) => request === null);
}

/** Whether a timer is the time-out of a connection that waits in a client of undici, whose parser is its argument. */
export function isTimeoutOfIdle({ _timerArgs }: { _timerArgs?: readonly unknown[] | undefined }): boolean {
  const [given] = _timerArgs ?? [];
  const parser: unknown = given instanceof HostWeakRef ? Reflect.apply(deref, given, []) : given;
  if (typeof parser !== 'object' || parser === null) return false;
  const socket: unknown = Object.getOwnPropertyDescriptor(parser, 'socket')?.value;
  return socket instanceof net.Socket && isIdleUndici(socket);
}

type AgentLike = { sockets?: unknown; freeSockets?: unknown };

function agentsOf(census: Census): AgentLike[] {
  return census.emitters.filter((emitter) => 'freeSockets' in emitter && 'maxFreeSockets' in emitter);
}

/** Sockets of an agent, by the name of their destination. */
function listed(byName: unknown): unknown[] {
  if (typeof byName !== 'object' || byName === null) return [];
  return Object.values(byName).flatMap((list: unknown) =>
    Array.isArray(list) ? copyOf(list as unknown[]) : [],
  );
}
