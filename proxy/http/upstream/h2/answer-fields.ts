import { STATUS_CODES } from 'node:http';
import type { RawHeaders } from '../../headers.ts';
import { acceptOf } from '../../../../shared/websocket/accept-of.ts';
import { WEBSOCKET, withoutHandshake } from '../../websocket/handshake.ts';
import type { AnswerHead } from '../answer-head.ts';

/** Head of an answer as HTTP/1.1 has it. */
export function headOf(raw: RawHeaders, mayHaveTrailers: boolean): AnswerHead {
  const rawHeaders: string[] = [];
  let statusCode = 0;
  for (let at = 0; at < raw.length; at += 2) {
    if (raw[at] === ':status') statusCode = Number(raw[at + 1]);
    else rawHeaders.push(raw[at]!, raw[at + 1]!);
  }
  const statusMessage = STATUS_CODES[statusCode] ?? '';
  return { httpVersion: '1.1', statusCode, statusMessage, rawHeaders, mayHaveTrailers };
}

/** Head that grants a WebSocket, as its client expects it. @param key of a client's handshake over HTTP/1.1; undefined over HTTP/2 */
export function grantOf(head: AnswerHead, key: string | undefined): AnswerHead {
  const rawHeaders = withoutHandshake(head.rawHeaders);
  if (key === undefined) return { ...head, rawHeaders };
  const accept = ['Upgrade', WEBSOCKET, 'Sec-WebSocket-Accept', acceptOf(key)];
  const [statusCode, statusMessage] = [101, STATUS_CODES[101] ?? ''];
  return { ...head, statusCode, statusMessage, rawHeaders: [...rawHeaders, ...accept] };
}
