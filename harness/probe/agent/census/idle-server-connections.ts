/**
 * Connections of HTTP clients that wait for their next request: Node's server ends them after `keepAliveTimeout`, those of HTTP/2 after
 * their session's time-out.
 */
import type net from 'node:net';
import { sessionTimeoutOf } from './http2.ts';
import { activeSockets, acceptedBy } from './live-sockets.ts';
import { aboveOf } from '../hooks/activity.ts';
import { insideOf } from '../base/socket-inside.ts';

/** Time (ms) that newer versions of Node wait beyond the announced timeout. */
const BUFFER = 1_000;

type ServerInside = { keepAliveTimeout?: unknown; keepAliveTimeoutBuffer?: unknown };
type HttpInside = { parser?: unknown; _httpMessage?: unknown };

/** Time after which an idle connection is ended, ms; undefined if it is not idle or nothing ends it. */
export function idleTimeoutOf(socket: net.Socket): number | undefined {
  return sessionTimeoutOf(socket) ?? keepAliveTimeoutOf(socket);
}

function keepAliveTimeoutOf(socket: net.Socket): number | undefined {
  const server = acceptedBy(socket) as ServerInside | undefined;
  const { keepAliveTimeout, keepAliveTimeoutBuffer = BUFFER } = server ?? {};
  if (typeof keepAliveTimeout !== 'number' || keepAliveTimeout <= 0) return undefined;
  const { parser, _httpMessage } = socket as HttpInside;
  if (!parser || _httpMessage) return undefined;
  // the server arms this timeout once an answer has been sent
  const { timeout = 0 } = insideOf(socket);
  const longest =
    keepAliveTimeout + (typeof keepAliveTimeoutBuffer === 'number' ? keepAliveTimeoutBuffer : BUFFER);
  return timeout >= keepAliveTimeout && timeout <= longest ? timeout : undefined;
}

/** Number of connections that wait for a next request, found without a heap walk. */
export function countIdle(): number {
  return activeSockets().filter((socket) => idleTimeoutOf(aboveOf(socket)) !== undefined).length;
}
