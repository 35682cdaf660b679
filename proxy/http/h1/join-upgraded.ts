import { checkSwitch } from '../check-answer.ts';
import type { Message } from './message.ts';
import { headerLines } from '../headers.ts';
import type { AnswerHead } from '../upstream/answer-head.ts';
import { WEBSOCKET } from '../websocket/handshake.ts';
import { joinTunnels, socketTunnel } from '../websocket/tunnel.ts';
import type { Tunnel } from '../websocket/tunnel.ts';

/** Joins the two sides of a WebSocket that the upstream has accepted, and returns the client's. */
export function joinUpgraded(
  { response, upgrade }: Message,
  answer: AnswerHead,
  upstream: Tunnel,
): Tunnel | undefined {
  if (upgrade === undefined) return undefined;
  const { socket: client, head } = upgrade;
  const { reason, headers } = checkSwitch(answer, WEBSOCKET);
  const lines = headerLines(headers);
  response.detachSocket(client);
  client.write(`HTTP/1.1 101 ${reason}\r\n${lines}\r\n`);
  const tunnel = socketTunnel(client, head);
  joinTunnels(tunnel, upstream);
  return tunnel;
}
