import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { CheckedRequest } from '../check-request.ts';

/** Message of a client, as Node's server delivers it. */
export type Message = {
  incoming: IncomingMessage;
  response: ServerResponse;
  client: string | undefined;
  /** whether the client waits for `100 Continue` before it sends the body */
  awaitsContinue?: boolean;
  /** checks the request; throws the error to answer */
  check(): CheckedRequest;
  /** for an upgrade: the client's socket, and the bytes after the request */
  upgrade?: { socket: Socket; head: Buffer };
};
