import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { CheckedRequest } from './check-request.ts';

/** A message of a client, as Node's server gives it. */
export type Message = {
  incoming: IncomingMessage;
  response: ServerResponse;
  client: string | undefined;
  /** the client sends the body only when it is told to */
  awaitsContinue?: boolean;
  /** checks what was asked for; its error is answered */
  check(): CheckedRequest;
  /** an upgrade: the client's socket, and what it has sent behind its request */
  upgrade?: { socket: Socket; head: Buffer };
};
