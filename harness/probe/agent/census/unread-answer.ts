/**
 * Connections that Node 26 keeps by a fault of its own. Its `ClientRequest.destroy()` leaves the socket alone once the whole answer has arrived, and lets
 * the answer flow to its end instead; where a pipe is undone in the same turn, that pauses the answer again, and neither the agent nor anybody else ends the
 * socket. Before, such a request destroyed its socket.
 */
import type net from 'node:net';

type Answer = { complete?: unknown; destroyed?: unknown; readableEnded?: unknown };
type Request = { agent?: unknown; destroyed?: unknown; res?: Answer | null };

/** Advice for the reader of a finding: the program can avoid it. */
export const UNREAD_ANSWER =
  'its request was destroyed, and Node keeps the socket for an answer that nobody reads: destroy the answer first';

/** Whether the socket waits for the reader of an answer whose request has been destroyed. */
export function waitsForReader(socket: net.Socket): boolean {
  const { _httpMessage: request } = socket as { _httpMessage?: Request | null };
  if (socket.destroyed || !request || !('agent' in request) || request.destroyed !== true) return false;
  const answer = request.res;
  return answer?.complete === true && answer.destroyed !== true && answer.readableEnded !== true;
}
