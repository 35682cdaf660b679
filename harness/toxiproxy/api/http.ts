import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ApiError } from '../api-error.ts';
import { failure, text, type Answer } from './answer.ts';
import { matchRoute } from './match.ts';
import { requestId } from './request-id.ts';
import type { Route } from './routes.ts';

/** Largest request body; 1,000 proxies with a toxic each are some 0.3 MB. The real server has no limit. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** As the real server: how long a request may take to arrive, and an idle connection may stay. */
const READ_TIMEOUT_MS = 15_000;
const IDLE_TIMEOUT_MS = 60_000;

/** The HTTP server of the API, not yet listening. */
export function createApiServer(list: readonly Route[]): Server {
  const server = createServer(
    { requestTimeout: READ_TIMEOUT_MS, keepAliveTimeout: IDLE_TIMEOUT_MS, connectionsCheckingInterval: 5000 },
    (request, response) => void handle(list, request, response),
  );
  return server;
}

async function handle(
  list: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // a client that left before the answer is no error
  request.on('error', () => {});
  response.on('error', () => {});
  const answer = await respond(list, request, response);
  if (response.destroyed) return;
  const body = Buffer.from(answer.body ?? '');
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(answer.status === 204 ? {} : { 'Content-Length': body.length }),
  });
  response.end(body);
  // reads the rest of a body that no handler reads
  request.resume();
}

async function respond(
  list: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answer> {
  const match = matchRoute(list, request.method ?? '', request.url ?? '');
  switch (match.kind) {
    case 'bad-path':
      return text(400, '400 Bad Request');
    case 'moved':
      return { status: 301, headers: { Location: match.to } };
    case 'no-route':
      return text(404, '404 page not found');
    case 'no-method':
      return { status: 405 };
    case 'found':
      break;
  }
  response.setHeader('X-Toxiproxy-Request-Id', requestId());
  if (request.headers['user-agent']?.startsWith('Mozilla/') === true)
    return text(403, 'User agent not allowed');
  try {
    const { route, proxy, toxic } = match;
    return await route.handle({ proxy, toxic, body: async () => readBody(request, response) });
  } catch (error) {
    if (error instanceof ApiError) return failure(error);
    // an internal error, but the caller still gets an answer
    return failure(new ApiError(`internal error: ${String(error)}`, 500));
  }
}

async function readBody(request: IncomingMessage, response: ServerResponse): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= MAX_BODY_BYTES) {
        chunks.push(chunk);
        return;
      }
      request.removeAllListeners('data');
      // the rest of the body is not awaited
      response.setHeader('Connection', 'close');
      reject(new ApiError(`bad request body: larger than ${MAX_BODY_BYTES} bytes`, 413));
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('close', () => reject(new ApiError('bad request body: unexpected EOF', 400)));
  });
}
