import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers of a live view; `undefined`: there is no such thing. */
export type LiveAnswers = {
  page: () => string;
  /** JSON of a case */
  caseOf: (id: string) => string | undefined;
  /** first events of a new reader */
  first: () => [event: string, data: string][];
};

/** Readers of the page at once: more is somebody's mistake. */
const MOST_CONNECTIONS = 64;

/**
 * Serves the page of a run on the loopback, to those who know its address: a random port, and a random word in the path. Requests
 * under another host name are refused, so that no web site can reach it by a name of its own that leads here.
 */
export class LiveServer {
  readonly url: string;
  readonly #server: Server;
  readonly #readers: Set<ServerResponse>;

  private constructor(server: Server, readers: Set<ServerResponse>, url: string) {
    this.#server = server;
    this.#readers = readers;
    this.url = url;
  }

  /** @throws {Error} of the system, where no port can be had */
  static async start(answers: LiveAnswers): Promise<LiveServer> {
    const token = randomBytes(24).toString('base64url');
    const readers = new Set<ServerResponse>();
    const server = createServer((request, response) => {
      answer(request, response, { token, answers, readers });
    });
    server.maxConnections = MOST_CONNECTIONS;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return new LiveServer(server, readers, `http://127.0.0.1:${port}/${token}/`);
  }

  /** Tells all readers of the page. */
  tell(event: string, data: string): void {
    for (const reader of this.#readers) reader.write(message(event, data));
  }

  /** Ends the streams of all readers, and serves no more. */
  async close(): Promise<void> {
    for (const reader of this.#readers) reader.end();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeIdleConnections();
    // readers have what was written by then
    const patience = setTimeout(() => {
      this.#server.closeAllConnections();
    }, 500);
    await closed;
    clearTimeout(patience);
  }
}

type Served = { token: string; answers: LiveAnswers; readers: Set<ServerResponse> };

function answer(request: IncomingMessage, response: ServerResponse, served: Served): void {
  const { token, answers, readers } = served;
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Content-Security-Policy', "frame-ancestors 'none'");
  const path = allowedPath(request, token);
  if (path === undefined) {
    send(response, 403, 'text/plain', 'This is not for you: open the address that lastfin has printed.\n');
    return;
  }
  const [name = '', query = ''] = path.split('?', 2);
  if (name === '') {
    send(response, 200, 'text/html', answers.page());
  } else if (name === 'case') {
    const text = answers.caseOf(new URLSearchParams(query).get('id') ?? '');
    if (text === undefined) send(response, 404, 'text/plain', 'no such case\n');
    else send(response, 200, 'application/json', text);
  } else if (name === 'events') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    for (const [event, data] of answers.first()) response.write(message(event, data));
    readers.add(response);
    response.once('close', () => readers.delete(response));
  } else {
    send(response, 404, 'text/plain', 'no such page\n');
  }
}

/** Path below the token; undefined for a request that is not let in. */
function allowedPath(
  { method, url = '', headers, socket }: IncomingMessage,
  token: string,
): string | undefined {
  const hosts = [`127.0.0.1:${socket.localPort}`, `localhost:${socket.localPort}`];
  if (method !== 'GET' || headers.host === undefined || !hosts.includes(headers.host)) return undefined;
  const [, given = '', path] = /^\/([^/?]*)\/(.*)$/.exec(url) ?? [];
  if (path === undefined || given.length !== token.length) return undefined;
  return timingSafeEqual(Buffer.from(given), Buffer.from(token)) ? path : undefined;
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8` });
  response.end(text);
}

/** An event of a stream; JSON has no line ends of its own. */
function message(event: string, data: string): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}
