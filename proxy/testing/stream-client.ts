import { once } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  ClientSessionOptions,
  OutgoingHttpHeaders,
  IncomingHttpHeaders,
} from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { within } from './peers.ts';

const NAMES = [
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'STREAM_CLOSED',
  'REFUSED_STREAM',
  'CANCEL',
  'ENHANCE_YOUR_CALM',
] as const;

/** HTTP/2 client with its socket, whose bytes a test may write itself. */
export type StreamClient = { session: ClientHttp2Session; socket: TLSSocket };

/** Answer of a stream, and how it ended. */
export type StreamAnswer = {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  trailers: IncomingHttpHeaders | undefined;
  interims: number[];
  body: string;
  /** name of the code of RST_STREAM, such as CANCEL; undefined: the stream ended whole */
  reset: string | undefined;
};

export async function openTls(
  port: number,
  {
    serverName = 'a.lastfin.test',
    alpn = ['h2'],
    allowHalfOpen = false,
  }: { serverName?: string; alpn?: string[]; allowHalfOpen?: boolean } = {},
): Promise<TLSSocket> {
  const socket = connect({
    socket: connectTcp({ port, host: '127.0.0.1', allowHalfOpen }),
    servername: serverName,
    rejectUnauthorized: false,
    ALPNProtocols: alpn,
  });
  socket.on('error', () => {});
  await within('the TLS handshake', once(socket, 'secureConnect'));
  return socket;
}

export async function openStreams(
  port: number,
  options: ClientSessionOptions & { serverName?: string } = {},
): Promise<StreamClient> {
  const { serverName, ...others } = options;
  const socket = await openTls(port, serverName === undefined ? {} : { serverName });
  const session = connectHttp2('https://a.lastfin.test', { ...others, createConnection: () => socket });
  session.on('error', () => {});
  await within('SETTINGS', once(session, 'remoteSettings'));
  return { session, socket };
}

/** Begins a request; `head` is added to that of a GET of `/`. */
export function request(
  { session }: StreamClient,
  head: OutgoingHttpHeaders = {},
  { endStream = true, waitForTrailers = false } = {},
): ClientHttp2Stream {
  const stream = session.request(
    { ':path': '/', ':authority': 'a.lastfin.test', ...head },
    { endStream, waitForTrailers },
  );
  stream.on('error', () => {});
  return stream;
}

/** Reads the answer of a stream until it has closed. */
export async function answerOf(stream: ClientHttp2Stream): Promise<StreamAnswer> {
  const answer: StreamAnswer = {
    status: undefined,
    headers: {},
    trailers: undefined,
    interims: [],
    body: '',
    reset: undefined,
  };
  stream.on('headers', (headers) => answer.interims.push(Number(headers[':status'])));
  stream.on('response', (headers) => {
    answer.status = headers[':status'];
    answer.headers = headers;
  });
  stream.on('trailers', (trailers) => {
    answer.trailers = trailers;
  });
  stream.setEncoding('latin1').on('data', (chunk: string) => {
    answer.body += chunk;
  });
  const closed = new Promise<void>((resolve) => void stream.once('close', () => resolve()));
  if (!stream.destroyed) await within('the close of a stream', closed);
  answer.reset = nameOf(stream.rstCode ?? 0);
  return answer;
}

/** Waits for the GOAWAY of a session, and returns the name of its code. */
export async function goawayOf({ session }: StreamClient): Promise<string | undefined> {
  const [code] = (await within('GOAWAY', once(session, 'goaway'))) as [number];
  return nameOf(code) ?? 'NO_ERROR';
}

function nameOf(code: number): string | undefined {
  if (code === 0) return undefined;
  return NAMES.find((name) => constants[`NGHTTP2_${name}`] === code) ?? String(code);
}
