import { SERVER_NAME } from '../http/message-grammar.ts';
import { readAnswers } from '../http/strict-reader.ts';
import { openTappedTls } from '../http/tapped-tls.ts';
import type { Place, Seen } from './honest-client.ts';
import type { Asked } from './judge-upstream.ts';

/** Makes one request over HTTP/1.1 on a connection of its own, and reads all that comes. */
export async function askOnce({ method, path, hasBody }: Asked, place: Place): Promise<Seen> {
  const { socket, ended } = openTappedTls(place);
  const body = hasBody ? 'Content-Length: 4\r\n\r\nbody' : '\r\n';
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${SERVER_NAME}\r\nConnection: close\r\n${body}`);
  const { got, isNotified, late } = await ended();
  const [answer] = readAnswers(got, [method]).messages;
  const length = /\r\ncontent-length: (\d+)/i.exec(got.slice(0, got.lastIndexOf('\r\n\r\n')))?.[1];
  const isWhole = answer?.complete === true && (answer.lastsToEnd !== true || isNotified);
  return { status: answer?.status ?? 0, body: answer?.body ?? '', length, isWhole, late };
}
