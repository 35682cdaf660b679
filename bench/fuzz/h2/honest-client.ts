import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import { watchEndOfStream } from '../../../shared/http2/end-of-stream.ts';
import { fairTimer } from '../fair-timer.ts';
import { SERVER_NAME } from '../http/message-grammar.ts';

/** Time in which an honest request is answered, without that in which nobody got a processor (ms). */
const PATIENCE = 20_000;
/** Attempts of which one must be answered. */
const TRIES = 4;

/** Listener of the proxy, and the process of the proxy. */
export type Place = { port: number; pid: number };

/** Answer to a request as its client saw it. */
export type Seen = {
  status: number;
  body: string;
  /** length that the answer announced */
  length: string | undefined;
  /** its end has come */
  isWhole: boolean;
  /** nothing came for too long */
  late: boolean;
};

/** Opens an HTTP/2 session as Node does it. */
export async function openSession(port: number): Promise<ClientHttp2Session> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: SERVER_NAME,
    rejectUnauthorized: false,
    ALPNProtocols: ['h2'],
  });
  socket.on('error', () => {});
  // a session on a socket that has failed tells so
  await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')]).catch(() => {});
  const session = connectHttp2(`https://${SERVER_NAME}`, { createConnection: () => socket });
  session.on('error', () => {});
  return session;
}

/** Makes a request, and reads its answer to its end. @param use called with the stream, such as to send a body */
export async function ask(
  session: ClientHttp2Session,
  head: OutgoingHttpHeaders,
  pid: number,
  endsStream = true,
  use: (stream: ClientHttp2Stream) => void = () => {},
): Promise<Seen> {
  const seen: Seen = { status: 0, body: '', length: undefined, isWhole: false, late: false };
  if (session.destroyed || session.closed) return seen;
  const stream = session.request({ ':path': '/', ...head }, { endStream: endsStream });
  const hasEnded = watchEndOfStream(stream);
  stream.on('error', () => {});
  stream.once('response', (headers) => {
    seen.status = headers[':status'] ?? 0;
    seen.length = headers['content-length'];
  });
  stream.setEncoding('latin1').on('data', (chunk: string) => {
    seen.body += chunk;
  });
  stream.once('end', () => {
    seen.isWhole = hasEnded();
  });
  use(stream);
  return new Promise((resolve) => {
    const takeBack = fairTimer(PATIENCE, [pid], () => {
      seen.late = true;
      resolve(seen);
    });
    stream.once('close', () => {
      takeBack();
      resolve(seen);
    });
  });
}

/**
 * Asks until one of some requests is answered: earlier ones may meet the end of an old connection, or a machine that is too busy.
 *
 * @returns what came if none was; undefined if one was
 */
export async function askTillAnswered({ port, pid }: Place, path = '/'): Promise<string | undefined> {
  const seen: string[] = [];
  while (seen.length < TRIES) {
    const session = await openSession(port);
    const { status, isWhole, body, late } = await ask(session, { ':path': path }, pid);
    session.destroy();
    if (status === 200 && isWhole && body === 'ok') return undefined;
    seen.push(late ? 'too late' : `${status} ${body}`);
  }
  return seen.join(', ');
}

/** Asks again and again until it is over, beside an attack on others. Returns what is wrong. */
export async function askHonestly({ port, pid }: Place, over: AbortSignal): Promise<string[]> {
  let session = await openSession(port);
  let failed = 0;
  let last = '';
  while (!over.aborted && failed < TRIES) {
    const { status, body, isWhole, late } = await ask(session, { ':method': 'GET' }, pid);
    if (status === 200 && body === 'ok' && isWhole) failed = 0;
    else {
      failed += 1;
      last = late ? 'too late' : `${status} ${body}`;
      session.destroy();
      session = await openSession(port);
    }
    await delay(20);
  }
  session.destroy();
  // a proxy that died has its own finding
  return failed < TRIES ? [] : [`honest requests beside are answered ${last}`];
}
