/**
 * Sessions and streams of HTTP/2 as the probe sees them. Node tells the number of a session's streams only behind symbols.
 */
import type { ClientHttp2Stream, Http2Session } from 'node:http2';
import type net from 'node:net';
import { types } from 'node:util';
import type { Census } from './census.ts';
import { behind } from '../base/behind.ts';
import { className, listenersOf } from '../base/listeners.ts';
import { serverSessionOn } from '../hooks/http2-sessions.ts';
import { sizeOfMap, sizeOfSet } from './sizes.ts';

type SessionState = { streams?: unknown; pendingStreams?: unknown };

/** Streams that this program has opened as a client and that are not over, on sessions that are open. */
export function openStreams(census: Pick<Census, 'emitters'>): ClientHttp2Stream[] {
  return census.emitters.filter(
    (one): one is ClientHttp2Stream =>
      className(one) === 'ClientHttp2Stream' && !(one as ClientHttp2Stream).destroyed,
  );
}

/** Client sessions on which no stream is open: a pool keeps them for the next request. */
export function idleSessions(census: Pick<Census, 'emitters'>): Http2Session[] {
  return census.emitters.filter(
    (one): one is Http2Session =>
      className(one) === 'ClientHttp2Session' && streamsOf(one as Http2Session) === 0,
  );
}

/** Sockets of {@link idleSessions}. */
export function idleSessionSockets(census: Pick<Census, 'emitters'>): net.Socket[] {
  return idleSessions(census).flatMap((one) => (behind(one, 'socket') as net.Socket | undefined) ?? []);
}

/** Time (ms) after which the server ends a connection's session, which has no stream; undefined if it has some, or nothing ends it. */
export function sessionTimeoutOf(socket: net.Socket): number | undefined {
  const session = serverSessionOn(socket);
  // the time-out is only told: a listener of the server or of the program ends the session
  if (session === undefined || streamsOf(session) !== 0 || !listenersOf(session).has('timeout'))
    return undefined;
  const { timeout } = session as { timeout?: unknown };
  return typeof timeout === 'number' && timeout > 0 ? timeout : undefined;
}

/** Number of streams of a session, also of those that wait for their turn; undefined where Node does not tell. */
function streamsOf(session: Http2Session): number | undefined {
  const { streams, pendingStreams } = (behind(session, 'state') ?? {}) as SessionState;
  // not instanceof: they are of the program's realm
  if (!types.isMap(streams) || !types.isSet(pendingStreams)) return undefined;
  return sizeOfMap(streams) + sizeOfSet(pendingStreams);
}

/** Description of a stream: what it asks for, and how far it has come. */
export function describeStream(stream: ClientHttp2Stream): string {
  const parts = [`HTTP/2 stream ${stream.id ?? 'without a number yet'}`];
  if (stream.pending) parts.push('waits for its turn');
  else parts.push(stream.closed ? 'closed, but not over' : 'open');
  if (stream.readableLength > 0) parts.push(`${stream.readableLength} B wait to be read`);
  if (stream.writableLength > 0) parts.push(`${stream.writableLength} B wait to be sent`);
  return parts.join(', ');
}
