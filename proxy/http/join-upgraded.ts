import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { checkSwitch } from './check-answer.ts';
import type { Message } from './message.ts';
import { headerLines } from './headers.ts';

/** Joins the two sockets of an upgrade that the upstream has accepted, such as WebSocket's. */
export function joinUpgraded(
  { response, upgrade }: Message,
  answer: IncomingMessage,
  { upstream, early, protocol }: { upstream: Duplex; early: Buffer; protocol: string },
): void {
  if (upgrade === undefined) return;
  const { socket: client, head } = upgrade;
  // Node has taken its own handlers off; the exchange destroys it with the client
  upstream.on('error', () => client.destroy());
  const { reason, headers } = checkSwitch(answer, protocol);
  const lines = headerLines(headers);
  response.detachSocket(client);
  client.write(`HTTP/1.1 101 ${reason}\r\n${lines}\r\n`);
  if (early.length > 0) client.write(early);
  if (head.length > 0) upstream.write(head);
  // an end is passed on as an end, so that what was sent before it arrives; anything else takes both along
  client.pipe(upstream).pipe(client);
}
