import type { Duplex } from 'node:stream';
import { checkSwitch } from '../check-answer.ts';
import type { Message } from './message.ts';
import { headerLines } from '../headers.ts';
import type { AnswerHead } from '../upstream/answer-head.ts';

/** Joins the two sockets of an upgrade, such as WebSocket's, that the upstream has accepted. */
export function joinUpgraded(
  { response, upgrade }: Message,
  answer: AnswerHead,
  { upstream, early, protocol }: { upstream: Duplex; early: Buffer; protocol: string },
): void {
  if (upgrade === undefined) return;
  const { socket: client, head } = upgrade;
  // Node has removed its own handlers; the exchange destroys this socket together with the client
  upstream.on('error', () => client.destroy());
  const { reason, headers } = checkSwitch(answer, protocol);
  const lines = headerLines(headers);
  response.detachSocket(client);
  client.write(`HTTP/1.1 101 ${reason}\r\n${lines}\r\n`);
  if (early.length > 0) client.write(early);
  if (head.length > 0) upstream.write(head);
  // a FIN is passed on as a FIN, so that bytes before it arrive; anything else destroys both
  client.pipe(upstream).pipe(client);
}
