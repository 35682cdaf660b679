import type { Duplex } from 'node:stream';

/**
 * Stream for a script's bytes, once the transport is set up. TCP and TLS use the socket itself; HTTP uses a stream of the bodies, which
 * emits `seen` with what the peer did if that is neither an end nor an error of the socket: a status, `truncated`.
 */
export type Pipe = Duplex;

/** Whether a pipe takes no more bytes although its connection is open: its stream, or its WebSocket, has been closed. */
export const takesNoMore = (pipe: Pipe | undefined): boolean =>
  pipe !== undefined && 'isOver' in pipe && pipe.isOver === true;

/** Failure to set up a transport: the peer ended it first, in the terms of `Seen`, or sent something unexpected. */
export class TransportRefused extends Error {
  override readonly name = 'TransportRefused';
  readonly seen: string;

  constructor(seen: string) {
    super(`the transport was refused: ${seen}`);
    this.seen = seen;
  }
}
