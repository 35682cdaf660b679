import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { PiecewiseSocket } from '../../../harness/actors/transports/tls/piecewise-socket.ts';
import { fairTimer } from '../fair-timer.ts';
import { SERVER_NAME } from '../http/message-grammar.ts';
import { RecordTap } from '../http/record-tap.ts';
import { readAnswers } from '../http/strict-reader.ts';
import type { Place, Seen } from './honest-client.ts';
import type { Asked } from './judge-upstream.ts';

/** Time in which a connection with one request ends, without that in which nobody got a processor (ms). */
const PATIENCE = 20_000;

/** Makes one request over HTTP/1.1 on a connection of its own, and reads all that comes. */
export async function askOnce({ method, path, hasBody }: Asked, { port, pid }: Place): Promise<Seen> {
  const below = connect({ port, host: '127.0.0.1', noDelay: true });
  // TLS 1.2 in a stream: the types of its records tell whether the end was meant
  const tap = new RecordTap(below);
  const socket = connectTls({
    socket: new PiecewiseSocket(below, {}),
    servername: SERVER_NAME,
    rejectUnauthorized: false,
    maxVersion: 'TLSv1.2',
  });
  let got = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    got += chunk;
  });
  socket.on('error', () => {});
  below.on('error', () => {});
  const body = hasBody ? 'Content-Length: 4\r\n\r\nbody' : '\r\n';
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${SERVER_NAME}\r\nConnection: close\r\n${body}`);
  const late = await new Promise<boolean>((resolve) => {
    const takeBack = fairTimer(PATIENCE, [pid], () => resolve(true));
    socket.once('close', () => {
      takeBack();
      resolve(false);
    });
  });
  socket.destroy();
  below.destroy();
  const [answer] = readAnswers(got, [method]).messages;
  const length = /\r\ncontent-length: (\d+)/i.exec(got.slice(0, got.lastIndexOf('\r\n\r\n')))?.[1];
  const isWhole = answer?.complete === true && (answer.lastsToEnd !== true || tap.isNotified);
  return { status: answer?.status ?? 0, body: answer?.body ?? '', length, isWhole, late };
}
