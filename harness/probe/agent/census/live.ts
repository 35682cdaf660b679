/**
 * Live things with a key of their origin. Baseline and report make the same list; the difference is a leak.
 */
import type { ClientHttp2Stream } from 'node:http2';
import type net from 'node:net';
import { MessagePort } from 'node:worker_threads';
import type { Census, ImmediateLike, TimerLike } from './census.ts';
import { openStreams } from './http2.ts';
import { idleTimeoutOf } from './idle-server-connections.ts';
import { behind } from '../base/behind.ts';
import { className, listenersOf, listenersOfTarget } from '../base/listeners.ts';
import { acceptedBy, beneathTls, isOpen, originOfSocket, socketsApart } from './live-sockets.ts';
import { pooledSockets } from './pooled-sockets.ts';
import type { Locator } from './locate.ts';
import { originOf } from '../hooks/origins.ts';
import { isStdio, pipesOfChild, portsOfThreads } from '../not-leaks.ts';
import type { Position } from '../../protocol.ts';
import { positionText } from '../base/stacks.ts';

export type Live =
  | {
      resource: 'socket';
      object: net.Socket;
      key: string;
      pooled: boolean;
      apart: boolean;
      endsWithin?: number;
    }
  | { resource: 'server'; object: net.Server; key: string }
  | { resource: 'timer'; object: TimerLike; key: string; callback: unknown; period: number }
  | { resource: 'immediate'; object: ImmediateLike; key: string; callback: unknown }
  | { resource: 'stream'; object: ClientHttp2Stream; key: string }
  | { resource: 'handle'; object: object; key: string };

/** Events whose listeners handle accepted connections, most telling first. */
export const ACCEPTING = ['request', 'secureConnection', 'connection', 'stream', 'session'];

export function listLive(census: Census, locator: Locator): Live[] {
  const live: Live[] = liveSockets(census, locator);
  for (const object of openStreams(census))
    live.push({ resource: 'stream', object, key: `stream ${inWords(originOf(object))}` });
  for (const object of census.servers) {
    if (object.listening)
      live.push({ resource: 'server', object, key: `server ${inWords(originOf(object))}` });
  }
  for (const object of census.timers) {
    // both fields vanish when it fires or is cleared, which may happen before it is described
    const { _onTimeout: callback, _idleTimeout: period } = object;
    const { key } = locator.callback(callback);
    live.push({
      resource: 'timer',
      object,
      key: `timer ${key}${key === 'native' ? period : ''}`,
      callback,
      period,
    });
  }
  for (const object of census.immediates) {
    const { _onImmediate: callback } = object;
    live.push({
      resource: 'immediate',
      object,
      key: `immediate ${locator.callback(callback).key}`,
      callback,
    });
  }
  for (const object of openPorts(census)) {
    const listeners = [...listenersOfTarget(object).values()].flat();
    const key = listeners.map((listener) => locator.callback(listener).key).join(' ');
    live.push({ resource: 'handle', object, key: `handle MessagePort ${key}` });
  }
  for (const object of census.emitters) {
    if (!isOtherHandle(object)) continue;
    live.push({
      resource: 'handle',
      object,
      key: `handle ${className(object)} ${inWords(originOf(object))}`,
    });
  }
  return live;
}

/** Open sockets, without those that stand for another thing. */
function liveSockets(census: Census, locator: Locator): Live[] {
  const beneath = beneathTls(census.sockets);
  const pooled = pooledSockets(census);
  const isApart = socketsApart(census.sockets);
  const ofChildren = new Set(census.emitters.filter(isOtherHandle).flatMap(pipesOfChild));
  return census.sockets.flatMap((object): Live[] => {
    if (!isOpen(object) || beneath.has(object) || isStdio(object) || ofChildren.has(object)) return [];
    const endsWithin = idleTimeoutOf(object);
    const inPool = pooled.has(object);
    const key = inPool ? 'pool' : socketKey(object, locator);
    const live: Live = {
      resource: 'socket',
      object,
      key: `socket ${key}${endsWithin === undefined ? '' : ' idle'}`,
      pooled: inPool,
      apart: isApart(object),
      ...(endsWithin === undefined || inPool ? {} : { endsWithin }),
    };
    return [live];
  });
}

/** Key of outgoing sockets whose line is unknown; keys with a known line begin with it. */
export const LINELESS = 'socket outgoing ';

/** Listeners of the accepting server that user code registered. */
export function acceptingListeners(server: net.Server): unknown[] {
  const listeners = listenersOf(server);
  return ACCEPTING.flatMap((event) => listeners.get(event) ?? []);
}

/** Lines that made a server, and those of the functions that take its connections. */
export async function linesOfServer(server: net.Server, locator: Locator): Promise<Position[]> {
  return [...originOf(server), ...(await locator.userPositions(acceptingListeners(server)))];
}

function socketKey(socket: net.Socket, locator: Locator): string {
  const server = acceptedBy(socket);
  if (!server) return `outgoing ${inWords(originOfSocket(socket))}`;
  return `incoming ${acceptingListeners(server)
    .map((listener) => locator.callback(listener).key)
    .join(' ')}`;
}

function inWords(positions: readonly Position[]): string {
  return positions.map(positionText).join(' ');
}

/** Ports that keep the process alive because somebody listens, without those that talk to a worker thread. */
function openPorts(census: Census): EventTarget[] {
  const ports = census.targets.filter((target) => target instanceof MessagePort && isReferenced(target));
  if (ports.length === 0) return [];
  const ofThreads = portsOfThreads(census.emitters);
  return ports.filter((port) => !ofThreads.has(port));
}

/**
 * Whether a port is referenced. Node has objects of that class that are no ports, on which `hasRef` crashes the process; those have no
 * listeners. Missing in the types: https://nodejs.org/api/worker_threads.html#porthasref
 */
function isReferenced(port: MessagePort & { hasRef?: () => boolean }): boolean {
  return listenersOfTarget(port).has('message') && port.hasRef?.() === true;
}

/** Whether an emitter has a libuv handle of its own (child process, watcher, UDP socket) or is a worker. */
function isOtherHandle(emitter: object): boolean {
  if (className(emitter) === 'Worker' && 'threadId' in emitter) return emitter.threadId !== -1;
  const kept = Object.getOwnPropertyDescriptor(emitter, '_handle')?.value as unknown;
  if (isHandle(kept)) return !('_connections' in emitter) && !('connecting' in emitter);
  // dgram keeps its handle behind a symbol; its `_handle` getter warns
  const state = behind(emitter, 'state symbol');
  return typeof state === 'object' && state !== null && isHandle((state as { handle?: unknown }).handle);
}

/** Whether a value is a libuv handle: zlib streams also have a `_handle`, but it has no hasRef. */
function isHandle(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { close?: unknown }).close === 'function' &&
    typeof (value as { hasRef?: unknown }).hasRef === 'function'
  );
}
